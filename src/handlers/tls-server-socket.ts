import type { Socket } from 'node:net'
import { TLSSocket, type TLSSocketOptions } from 'node:tls'
import { getSystemErrorName } from 'node:util'
import { wasReset } from '../ioloop/reset.ts'

/** The part of a handle of Node's that reads. */
interface ReadingHandle {
  reading?: boolean
  readonly _parent?: { readStart?(): number; readStop?(): number }
}

/** An encrypted connection, as the server of it, that knows whether its end was said by the other side. */
export class TlsServerSocket extends TLSSocket {
  /** It came to an end that was not said (close_notify, RFC 8446 §6.1): by a FIN or a reset, and more may have been to come. */
  wasCut = false
  readonly #isFinEnough: () => boolean

  /** With `isFinEnough`, a FIN is an end as good as one that was said. */
  constructor(plain: Socket, options: TLSSocketOptions, isFinEnough: () => boolean) {
    super(plain, options)
    this.#isFinEnough = isFinEnough
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk === null) this.wasCut = endedBelow(this) && (!this.#isFinEnough() || wasReset(this))
    return super.push(chunk, encoding)
  }
}

/**
 * Whether it is TCP that has just come to an end below a connection, rather than TLS within what is still being read: told
 * by libuv, which will not begin to read what it reads already. Node has no other notice of a close_notify.
 */
function endedBelow(socket: Socket): boolean {
  const { _handle: handle } = socket as { _handle?: ReadingHandle | null }
  const plain = handle?._parent
  // Nothing of TCP is heard of while it is not read from.
  if (plain?.readStart === undefined || handle?.reading === false) return false
  const refusal = plain.readStart()
  if (refusal < 0 && getSystemErrorName(refusal) === 'EALREADY') return false
  plain.readStop?.()
  return true
}
