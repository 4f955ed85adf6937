import type { Socket } from 'node:net'
import { ThrottledDTPHandler } from './throttled-dtp-handler.ts'
import { shakeHands } from './tls-socket.ts'

/** A data connection that is encrypted when PROT P was given (RFC 4217 §9), with limits of rate too. */
export class TLS_DTPHandler extends ThrottledDTPHandler {
  /** The handshake begins with the connection: some clients wait for it before they give the command, others after. */
  protected override secure(plain: Socket): Socket {
    const { handler, protection } = this.session
    if (protection === 'C') return plain
    const { socket, done } = shakeHands(plain, handler, 'data')
    // A transfer over it finds the socket closed.
    done.catch(() => {})
    return socket
  }
}
