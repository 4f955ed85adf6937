import type { Socket } from 'node:net'
import type { ScheduledCall } from '../ioloop/ioloop.ts'
import { HandshakeError, RefusalError } from './error-reply.ts'
import { limitHandshake } from './handshake-limit.ts'
import type { Seams } from './seams.ts'
import { ThrottledDTPHandler } from './throttled-dtp-handler.ts'
import { shakeHands } from './tls-socket.ts'

/** A data connection that is encrypted when PROT P was given (RFC 4217 §9), with limits of rate too. */
export class TLS_DTPHandler extends ThrottledDTPHandler {
  /** The handshake begins with the connection: some clients wait for it before they give the command, others after. */
  protected override async secure(plain: Socket, seams: Seams | undefined): Promise<Socket> {
    const { handler, ioloop, options } = this.session
    let expiry: ScheduledCall | undefined
    let late: Socket = plain
    try {
      expiry = limitHandshake(ioloop, options.tlsHandshakeTimeout, (error) => late.destroy(error))
      await seams?.securing?.(plain, 'data')
      if (plain.destroyed) throw new HandshakeError()
      const { socket, done } = shakeHands(plain, handler, 'data', seams)
      late = socket
      await done
      await seams?.secured?.(socket, 'data')
      return socket
    } catch (error) {
      plain.destroy()
      throw error instanceof RefusalError ? error : new HandshakeError()
    } finally {
      expiry?.cancel()
    }
  }
}
