import type { Socket } from 'node:net'
import type { FTPHandler } from '../handlers/ftp-handler.ts'
import { IOLoop } from '../ioloop/ioloop.ts'
import type { FTPServer } from './ftp-server.ts'
import type { HandlerClass } from './handler-class.ts'
import type { Limit } from './places.ts'

/** How long closing waits, in real time, for commands and callbacks that are still running. */
const SETTLE_GRACE_MS = 1000

/** The error event for a session that was not waited for any longer. */
export function unsettled(): Error {
  return new Error(`a command or a callback was still running ${SETTLE_GRACE_MS} ms after the connection was closed`)
}

/** Waits for something for so long as closing waits; resolves with whether it came. */
export async function withinGrace(event: Promise<unknown>): Promise<boolean> {
  const patience = new IOLoop()
  const came = await Promise.race([patience.sleep(SETTLE_GRACE_MS).then(() => false), event.then(() => true)])
  patience.close()
  return came
}

/** The sessions of a server. */
export class SessionSet {
  /** Those that are served. */
  readonly open: Set<FTPHandler> = new Set()
  /** Connections that were turned away and are not gone yet. */
  readonly #refused = new Set<FTPHandler>()
  /** Those with a connection, a command or a callback that has not ended. */
  readonly #unsettled = new Set<FTPHandler>()
  readonly #server: FTPServer
  readonly #handler: HandlerClass

  constructor(server: FTPServer, handler: HandlerClass) {
    this.#server = server
    this.#handler = handler
  }

  /** Begins a session; `undefined` when the handler's class fails at once. */
  serve(socket: Socket, id: number): FTPHandler | undefined {
    return this.#begin(socket, id, this.open, (handler) => handler.handle())
  }

  /** Turns a client away. */
  refuse(socket: Socket, id: number, limit: Limit): void {
    this.#begin(socket, id, this.#refused, (handler) => {
      this.#server.emit({ type: 'limit', limit, remoteAddress: handler.remoteAddress }, id)
      if (limit === 'maxCons') handler.handleMaxCons()
      else handler.handleMaxConsPerIp()
    })
  }

  /** Ends every connection. */
  close(): void {
    for (const handler of [...this.open, ...this.#refused]) void handler.close()
  }

  /** Resolves when every connection there now is gone. */
  async gone(): Promise<void> {
    await Promise.all([...this.open, ...this.#refused].map(({ closed }) => closed))
  }

  /** Waits for commands and callbacks that outlive their connections; resolves with those that take too long. */
  async settled(): Promise<readonly FTPHandler[]> {
    await withinGrace(Promise.all([...this.#unsettled].map((handler) => handler.settled)))
    return [...this.#unsettled]
  }

  #begin(
    socket: Socket,
    id: number,
    set: Set<FTPHandler>,
    begin: (handler: FTPHandler) => void,
  ): FTPHandler | undefined {
    try {
      const handler = new this.#handler(socket, this.#server, id)
      set.add(handler)
      this.#unsettled.add(handler)
      void handler.closed.then(() => set.delete(handler))
      void handler.settled.then(() => this.#unsettled.delete(handler))
      begin(handler)
      return handler
    } catch (error) {
      socket.destroy()
      this.#server.emit({ type: 'error', error }, id)
      return undefined
    }
  }
}
