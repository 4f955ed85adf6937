import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { deferred } from '../../../src/ioloop/deferred.ts'

/** An address as PORT or EPRT wants it. */
export function portArgument(verb: string, host: string, port: number): string {
  return verb === 'PORT' ? `${host.replaceAll('.', ',')},${port >> 8},${port & 255}` : `|1|${host}|${port}|`
}

/** A port of the client, for PORT and EPRT. */
export class ClientPort {
  /** The connection that came; `undefined` when none will. */
  readonly arrived: Promise<Socket | undefined>
  readonly #listener: Server
  readonly #arrival = deferred<Socket | undefined>()
  readonly #host: string
  readonly #port: number

  private constructor(listener: Server, host: string) {
    this.#listener = listener
    this.#host = host
    this.#port = (listener.address() as AddressInfo).port
    this.arrived = this.#arrival.promise
    listener.on('connection', (socket: Socket) => {
      socket.on('error', () => {})
      listener.close()
      this.#arrival.resolve(socket)
    })
  }

  static async open(host: string): Promise<ClientPort> {
    const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true })
    listener.listen(0, host)
    await once(listener, 'listening')
    return new ClientPort(listener, host)
  }

  /** As the command wants it. */
  argument(verb: string): string {
    return portArgument(verb, this.#host, this.#port)
  }

  /** None is waited for any more. */
  close(): void {
    this.#listener.close()
    void this.arrived.then((socket) => socket?.destroy())
    this.#arrival.resolve(undefined)
  }
}
