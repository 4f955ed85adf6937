import type { Awaitable } from '../authorizers/authorizer.ts'
import type { AsyncChat } from '../ioloop/async-chat.ts'
import { encodeText } from '../protocol/encoding.ts'
import { formatReply } from '../protocol/reply.ts'
import type { FTPHandler } from './ftp-handler.ts'
import type { OutgoingReply, Seams } from './seams.ts'

/** What a reply belongs to. */
export interface Exchange {
  /** '' for the greeting and for what the server says unasked. */
  readonly verb: string
  readonly beganMs: number
  readonly seams?: Seams | undefined
}

/** What goes over a control connection to the client: replies, and what a fault makes of it. */
export class ControlWire {
  /** The connection was ended from here, so far as its client can see. */
  hasEnded = false
  readonly #handler: FTPHandler
  readonly #chat: AsyncChat
  readonly #onEnding: (data: 'close' | 'leave') => void
  /** Nothing that is said gets out any more. */
  #isShut = false
  /** While the connection is mute: what is to be said when it no longer is. */
  #unsaid: (() => void)[] | undefined
  /** The last reply that takes its time. */
  #writing: Promise<void> | undefined

  /** `onEnding` is called before the connection is ended from here: with what is to become of a transfer. */
  constructor(handler: FTPHandler, chat: AsyncChat, onEnding: (data: 'close' | 'leave') => void) {
    this.#handler = handler
    this.#chat = chat
    this.#onEnding = onEnding
  }

  /** Writes a reply behind those before it, in the form that it brings with it perhaps, and puts it on the time line. */
  write(outgoing: OutgoingReply, exchange: Exchange): Awaitable<void> {
    const before = this.#writing
    const written = before ? before.then(() => this.#put(outgoing, exchange)) : this.#put(outgoing, exchange)
    if (!(written instanceof Promise)) return
    const done = () => {
      if (this.#writing === written) this.#writing = undefined
    }
    this.#writing = written
    written.then(done, done)
    return written
  }

  /** Has all that is written meanwhile go out together. */
  together<T>(write: () => T): T {
    return this.#chat.corked(write)
  }

  /**
   * Ends the connection for the client to see: in good order or not; with `half`, commands are still taken. Unless it is
   * left, a data connection goes too.
   */
  end(ending: 'fin' | 'rst' | 'half', data: 'close' | 'leave' = 'close'): Awaitable<void> {
    if (this.hasEnded) return
    this.#isShut = true
    if (ending === 'half') return this.#chat.endWriting()
    this.hasEnded = true
    this.#onEnding(data)
    if (ending === 'rst') return this.#chat.reset()
    this.#chat.closeWhenDone()
  }

  /** From here on nothing is read, and what is said waits; `false` lets all go on. */
  mute(muted: boolean): void {
    if (muted) this.#unsaid ??= []
    else {
      const unsaid = this.#unsaid ?? []
      this.#unsaid = undefined
      if (!this.#handler.isGone) for (const say of unsaid) say()
    }
    this.#chat.mute(muted)
  }

  #put(outgoing: OutgoingReply, exchange: Exchange): Awaitable<void> {
    const { wire } = outgoing
    const { seams } = exchange
    if (this.#handler.isGone || this.#isShut || wire?.length === 0) return
    const { encoding } = this.#handler.server.options
    if (seams?.write === undefined && this.#unsaid === undefined) {
      const text = wire ?? formatReply(outgoing)
      this.#chat.push(typeof text === 'string' && encoding !== 'utf-8' ? encodeText(text, encoding) : text)
      return this.#tell(outgoing, exchange)
    }
    const bytes = wire ?? encodeText(formatReply(outgoing), encoding)
    const push = (part: Buffer) => this.#whenHeard(() => this.#chat.push(part))
    const written = seams?.write ? seams.write(bytes, push) : push(bytes)
    this.#whenHeard(() => this.#tell(outgoing, exchange))
    return written
  }

  #tell({ code, lines, wire }: OutgoingReply, { verb, beganMs }: Exchange): void {
    const durationMs = this.#handler.server.ioloop.now() - beganMs
    const form = wire && { wire: wire.toString('latin1') }
    this.#handler.emit({ type: 'reply', code, lines, verb, durationMs, ...form })
  }

  #whenHeard(action: () => void): void {
    if (this.#unsaid === undefined) action()
    else this.#unsaid.push(action)
  }
}
