import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { FtpFixture } from '../../src/index.ts'
import { fetchOver, secured, trusting } from './ftps.ts'
import { overTls, RawClient } from './raw-client.ts'

/** A way to a data connection, and whether it is encrypted. */
export interface DataWay {
  readonly verb: 'PASV' | 'EPSV' | 'PORT' | 'EPRT'
  readonly protection: 'C' | 'P'
}

/** All of them. */
export const dataWays: readonly DataWay[] = (['C', 'P'] as const).flatMap((protection) =>
  (['PASV', 'EPSV', 'PORT', 'EPRT'] as const).map((verb) => ({ verb, protection })),
)

/** A client that has logged in, with or without TLS. */
export function loggedIn(ftp: FtpFixture, { protection }: Pick<DataWay, 'protection'>): Promise<RawClient> {
  return protection === 'P' ? secured(ftp) : RawClient.login(ftp)
}

/** A data connection, in clear still. */
export function openData(client: RawClient, { verb }: Pick<DataWay, 'verb'>): Promise<Socket> {
  return verb === 'PASV' || verb === 'EPSV' ? client.passive(verb) : client.active(verb)
}

/** The connection as it is spoken over. */
export async function protect(ftp: FtpFixture, plain: Socket, { protection }: Pick<DataWay, 'protection'>) {
  return protection === 'P' ? overTls(plain, trusting(ftp)) : plain
}

/** Checks that a download is as it should be. */
export async function expectWell(ftp: FtpFixture, client: RawClient, way: DataWay): Promise<void> {
  const data = await protect(ftp, await openData(client, way), way)
  const content = String(await fetchOver(client, data, 'RETR a.txt'))
  if (content !== 'over the wire\n') throw new Error(`expected the file, got: ${content}`)
}

/** A port of the client, which the server has been told of. */
export class ActivePort {
  readonly arrived: Promise<Socket>
  readonly #listener: Server

  private constructor(listener: Server) {
    this.#listener = listener
    this.arrived = once(listener, 'connection').then(([socket]) => (socket as Socket).on('error', () => {}))
  }

  /** Listens, and has PORT or EPRT answered. */
  static async told(client: RawClient, verb: 'PORT' | 'EPRT', ...codes: number[]): Promise<ActivePort> {
    const listener = createServer({ allowHalfOpen: true })
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    const made = new ActivePort(listener)
    const argument = verb === 'PORT' ? `127,0,0,1,${port >> 8},${port & 255}` : `|1|127.0.0.1|${port}|`
    await client.command(`${verb} ${argument}`, ...codes)
    return made
  }

  /** Resolves with whether a connection has come by now. */
  async hasArrived(): Promise<boolean> {
    const count = await new Promise<number>((resolve) => this.#listener.getConnections((_, n) => resolve(n)))
    return count > 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close()
  }
}
