import type { SystemSockets } from '../native/sockets.ts'

/** As many as are kept, which is as many as are listened with at a time, mostly. */
const MAX_RESTING = 32

/**
 * Sockets that have listened and are to listen again, each time on another port: to make one and to close it costs the
 * kernel more than all else that it does to listen.
 */
export class RestingSockets {
  readonly #resting: { readonly host: string; readonly fd: number }[] = []
  #sockets: SystemSockets | undefined
  #isClosed = false

  /** How many there are. */
  get count(): number {
    return this.#resting.length
  }

  /** Has one listen again on a port of an address; `undefined` where there is none. */
  listen(sockets: SystemSockets, host: string): ReturnType<SystemSockets['listen']> {
    const at = this.#resting.findLastIndex((each) => each.host === host)
    if (at === -1) return undefined
    const [{ fd } = { fd: -1 }] = this.#resting.splice(at, 1)
    const port = sockets.listenAgain(fd)
    if (port !== undefined) return { fd, port }
    sockets.close(fd)
    return undefined
  }

  /** Takes one that need not listen any more, or closes it. */
  take(sockets: SystemSockets, host: string, fd: number): void {
    this.#sockets = sockets
    if (this.#isClosed || this.#resting.length >= MAX_RESTING || !sockets.rest(fd)) sockets.close(fd)
    else this.#resting.push({ host, fd })
  }

  /** Closes all of them, and those that are still to come. */
  close(): void {
    this.#isClosed = true
    for (const { fd } of this.#resting.splice(0)) this.#sockets?.close(fd)
  }
}
