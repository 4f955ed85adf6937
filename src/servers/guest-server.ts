import type { Socket } from 'node:net'
import { FTPHandler } from '../handlers/ftp-handler.ts'
import { FTPServer } from './ftp-server.ts'
import type { OptionChanges, ServerOptions } from './options.ts'
import { RelayedSocket } from './relayed-socket.ts'
import type { ServerParts } from './server-parts.ts'
import { Superior } from './superior.ts'
import type { WorkerLink } from './worker-link.ts'
import type { ToWorker } from './worker-messages.ts'

/** A server in a worker: it never listens, and serves the one client that it is given. */
class GuestServer extends FTPServer {
  constructor(superior: Superior, { handler = FTPHandler, ...parts }: ServerParts, options: ServerOptions) {
    super({}, handler, { ...parts, ...options })
    this.workFor(superior, { first: 1, step: 1 })
  }

  /** Changes options as the parent did; the handler may refuse what the parent could not judge. */
  follow(changes: OptionChanges): void {
    try {
      this.configure(changes)
    } catch (error) {
      this.emit({ type: 'error', error })
    }
  }

  /** Serves a client; resolves when that is over, with all that it set off. */
  async entertain(socket: Socket, id: number): Promise<void> {
    this.serve(socket, id)
    const [handler] = this.sessions
    await handler?.settled
    this.ioloop.close()
  }
}

/** Serves a client in this worker, as soon as one is handed over. */
export function receiveGuest(link: WorkerLink, parts: ServerParts, options: ServerOptions): void {
  const superior = new Superior(link.post)
  const server = new GuestServer(superior, parts, options)
  let relayed: RelayedSocket | undefined
  let isServing = false
  const serve = ({ id, addresses, early }: Extract<ToWorker, { type: 'serve' }>, sent: Socket | undefined) => {
    isServing = true
    relayed = addresses && new RelayedSocket(link.post, addresses)
    // It has all that a handler asks of a socket.
    const socket = sent ?? (relayed as unknown as Socket | undefined)
    // A client that is gone already leaves nothing to hand over.
    if (socket === undefined) return link.close({ type: 'done' })
    socket.allowHalfOpen = true
    if (early) socket.unshift(Buffer.from(early))
    void server.entertain(socket, id).then(() => link.close({ type: 'done' }))
  }
  link.listen((message, socket) => {
    switch (message.type) {
      case 'start':
        break
      case 'serve':
        serve(message, socket)
        break
      case 'configure':
        server.follow(message.changes)
        break
      case 'answer':
        superior.answer(message)
        break
      case 'close':
        if (!isServing) link.close({ type: 'done' })
        for (const handler of server.sessions) void handler.close()
        break
      default:
        relayed?.receive(message)
    }
  })
  link.post({ type: 'ready' })
}
