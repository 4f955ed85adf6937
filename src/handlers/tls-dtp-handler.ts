import type { Socket } from 'node:net'
import { HandshakeError } from './error-reply.ts'
import { ThrottledDTPHandler } from './throttled-dtp-handler.ts'
import { shakeHands } from './tls-socket.ts'

/** A data connection that is encrypted when PROT P was given (RFC 4217 §9), with limits of rate too. */
export class TLS_DTPHandler extends ThrottledDTPHandler {
  /** The handshake begins with the connection: some clients wait for it before they give the command, others after. */
  protected override async secure(plain: Socket): Promise<Socket> {
    const { handler, protection } = this.session
    if (protection === 'C') return plain
    try {
      const { socket, done } = shakeHands(plain, handler, 'data')
      await done
      return socket
    } catch {
      plain.destroy()
      throw new HandshakeError()
    }
  }
}
