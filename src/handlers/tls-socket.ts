import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket, TLSSocketOptions } from 'node:tls'
import type { IOLoop } from '../ioloop/ioloop.ts'
import { reasonOf } from './error-reply.ts'
import type { FTPHandler } from './ftp-handler.ts'
import type { ConnectionKind, Seams } from './seams.ts'
import { TlsServerSocket } from './tls-server-socket.ts'

/** A connection that is being encrypted; `done` rejects when that fails, and the socket is closed then. */
export interface Handshake {
  readonly socket: TLSSocket
  readonly done: Promise<void>
}

/** Starts TLS over a connection, as the server of it (RFC 4217 §4, §7), and puts how it went on the time line. */
export function shakeHands(
  plain: Socket,
  handler: FTPHandler,
  connection: ConnectionKind,
  seams: Seams | undefined,
): Handshake {
  const failed = (error: Error) => handler.emit({ type: 'tls-failed', connection, reason: reasonOf(error) })
  try {
    // Where scenarios are played, a data connection can tell whether it resumes the session of its control connection.
    if (connection === 'control' && handler.server.seams) handler.session.tlsMark = String(handler.id)
    const socket = wrapped(plain, handler, (servername) => seams?.context?.(connection, servername))
    const done = outcome(socket, handler.session.ioloop)
    done.then(() => handler.emit({ type: 'tls', connection, ...description(socket) }), failed)
    return { socket, done }
  } catch (error) {
    failed(error as Error)
    throw error
  }
}

function wrapped(
  plain: Socket,
  { server, session }: FTPHandler,
  other: (servername: string) => SecureContext | undefined,
): TLSSocket {
  const { tls, options } = server
  if (tls === undefined) throw new Error('no TLS without a TLS_FTPHandler')
  const choose = (servername: string) => {
    const replaced = other(servername)
    // A session of another certificate is not resumed: that one would not be shown.
    if (replaced !== undefined) return tls.mark(replaced, `${session.tlsMark} other`)
    return tls.mark(tls.for(servername, options), session.tlsMark)
  }
  const settings: TLSSocketOptions = {
    isServer: true,
    server: tls.server,
    secureContext: choose(''),
    SNICallback: (servername, answer) => answer(...chosen(() => choose(servername))),
  }
  return new TlsServerSocket(plain, settings, () => !server.options.tlsCloseNotifyRequired)
}

function outcome(socket: TLSSocket, ioloop: IOLoop): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      reject(error)
      socket.destroy()
    }
    const ended = () => failed(new Error('the client closed the connection'))
    const closed = () => failed(new Error('the connection was closed'))
    socket.once('secure', () => {
      socket.off('_tlsError', failed).off('error', failed).off('end', ended).off('close', closed)
      // What goes wrong from here on is said of no socket without a listening server, which then merely closes.
      socket.on('_tlsError', (error: Error) => socket.destroy(error))
      // OpenSSL is amid its work here: said at once, a reply would get before the tickets, and an end would be lost.
      void ioloop.turn().then(resolve)
    })
    // Before the handshake is done, a socket without a listening server says only `_tlsError` of an error, and closes.
    socket.once('_tlsError', failed).once('error', failed).once('end', ended).once('close', closed)
    socket.on('error', () => {})
  })
}

function description(socket: TLSSocket): { protocol: string; cipher: string; resumed: boolean } {
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher()?.name ?? '',
    resumed: socket.isSessionReused(),
  }
}

function chosen(choose: () => SecureContext): [Error | null, SecureContext?] {
  try {
    return [null, choose()]
  } catch (error) {
    return [error as Error]
  }
}
