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
  readonly #handler: FTPHandler
  readonly #chat: AsyncChat
  readonly #onEnding: () => void

  /** `onEnding` is called before the connection is ended from here. */
  constructor(handler: FTPHandler, chat: AsyncChat, onEnding: () => void) {
    this.#handler = handler
    this.#chat = chat
    this.#onEnding = onEnding
  }

  /** Writes a reply, in the form that it brings with it perhaps, and puts it on the time line. */
  write({ code, lines, wire }: OutgoingReply, { verb, beganMs, seams }: Exchange): Awaitable<void> {
    if (this.#handler.isGone) return
    const { ioloop, options } = this.#handler.server
    const bytes = wire ?? encodeText(formatReply({ code, lines }), options.encoding)
    const durationMs = ioloop.now() - beganMs
    const push = (part: Buffer) => this.#chat.push(part)
    const written = seams?.write ? seams.write(bytes, push) : push(bytes)
    this.#handler.emit({ type: 'reply', code, lines, verb, durationMs, ...(wire && { wire: wire.toString('latin1') }) })
    return written
  }

  /** Has all that is written meanwhile go out together. */
  together<T>(write: () => T): T {
    return this.#chat.corked(write)
  }

  /** Ends the connection for the client to see: in good order or not; with `half`, commands are still taken. */
  end(ending: 'fin' | 'rst' | 'half'): Awaitable<void> {
    if (ending === 'half') return this.#chat.endWriting()
    this.#onEnding()
    if (ending === 'rst') return this.#chat.reset()
    this.#chat.closeWhenDone()
  }

  /** From here on nothing is read, and what is said is lost, though the connection stays; `false` undoes that. */
  mute(muted: boolean): void {
    this.#chat.mute(muted)
  }
}
