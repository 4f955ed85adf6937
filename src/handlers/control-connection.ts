import type { Socket } from 'node:net'
import { endOfSecretVerb } from '../commands/table.ts'
import { AsyncChat } from '../ioloop/async-chat.ts'
import type { ScheduledCall } from '../ioloop/ioloop.ts'
import type { Command } from '../protocol/command.ts'
import { decodeText, encodeText } from '../protocol/encoding.ts'
import type { Line } from '../protocol/line-reader.ts'
import { type FinalReply, formatReply, isPreliminary, type Reply, reply } from '../protocol/reply.ts'
import { dispatch, recognize } from './dispatch.ts'
import { isExpected, reasonOf, replyForError } from './error-reply.ts'
import { type CommandDetail, commandDetail } from './events.ts'
import type { FTPHandler } from './ftp-handler.ts'
import { limitHandshake } from './handshake-limit.ts'
import type { Handshake } from './tls-socket.ts'

/**
 * The wire side of a control connection: takes the commands one after the other, has them done, sends the replies in
 * order, and knows when to stop: at silence, at the client's end, behind 221 and 421.
 */
export class ControlConnection {
  /** Resolves when the connection is closed and its transfer has ended. */
  readonly closed: Promise<void>
  /** Resolves when, beyond that, no command or callback is running any more. */
  readonly settled: Promise<void>
  /** The connection is closed: nothing more is read or sent. */
  isGone = false
  /** The connection is encrypted. */
  isSecure = false
  readonly #handler: FTPHandler
  readonly #chat: AsyncChat
  readonly #openedMs: number
  #lifetime: AbortController | undefined
  #resolveClosed: () => void = () => {}
  #resolveSettled: () => void = () => {}
  #greeted = false
  /** Reasons not to read the next command now: a command, a callback that is not done. */
  #holds = 0
  /** The client has said all it had to say. */
  #ended = false
  /** The last command has been read: QUIT, or the server closes. */
  #leaving = false
  #idle: ScheduledCall | undefined
  #idleMs = 0

  constructor(handler: FTPHandler, socket: Socket) {
    const { ioloop } = handler.server
    this.#handler = handler
    this.#openedMs = ioloop.now()
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.settled = new Promise((resolve) => {
      this.#resolveSettled = resolve
    })
    this.#chat = new AsyncChat(socket, ioloop, {
      onReady: () => this.#pump(),
      onEnd: () => {
        this.#ended = true
        this.#pump()
      },
      onClose: (error) => void this.#finish(error),
    })
  }

  /** Aborted when the connection is gone. */
  get signal(): AbortSignal {
    // Made when somebody asks: few sessions need one, and it is not cheap.
    this.#lifetime ??= new AbortController()
    if (this.isGone) this.#lifetime.abort()
    return this.#lifetime.signal
  }

  /** Begins the dialogue: runs a callback, then sends the greeting. */
  greet(callback: () => void | Promise<void>, greeting: () => FinalReply): void {
    this.#greeted = true
    this.#restartIdle()
    this.#callBack(callback, () => this.say(greeting()))
  }

  /** Says something that no command asked for. */
  say(unasked: FinalReply): void {
    this.#send(unasked, '', this.#openedMs)
  }

  /** Encrypts the connection in time; resolves once that is done, or has failed and closed the connection. */
  async secure(begin: (socket: Socket) => Handshake, limitMs: number): Promise<void> {
    this.#holds++
    // It counts from here on: a client that does not read what goes before must not stay for ever.
    const expiry = limitHandshake(this.#handler.server.ioloop, limitMs, (error) => this.#chat.close(error))
    try {
      let done: Promise<void> | undefined
      await this.#chat.upgrade((plain) => {
        const handshake = begin(plain)
        done = handshake.done
        return handshake.socket
      })
      await done
      this.isSecure = done !== undefined && !this.isGone
    } catch {
      // The client’s choice, and on the time line: nothing to report.
      this.#chat.close()
    } finally {
      expiry?.cancel()
      this.#release()
    }
  }

  /** Closes at once. */
  close(): Promise<void> {
    this.#chat.close()
    return this.closed
  }

  /** Takes up waiting lines while nothing stands against it, and sends their replies together. */
  #pump(): void {
    let allTaken = false
    this.#chat.corked(() => {
      while (this.#holds === 0 && !this.#leaving) {
        const line = this.#chat.nextLine()
        if (line === undefined) {
          // A client that has ended its side may still have to read replies before it gets the next ones.
          allTaken = !this.#chat.congested
          break
        }
        this.#obey(line)
      }
    })
    if (this.#ended && allTaken) this.#leave()
  }

  #obey(line: Line): void {
    const arrivedMs = this.#handler.server.ioloop.now()
    this.#restartIdle()
    if (line === 'too long') return this.#send(reply(500, 'Command too long.'), '', arrivedMs)
    const { encoding, unicodeErrors } = this.#handler.server.options
    const text = decodeText(line, encoding, unicodeErrors === 'strict')
    const command = recognize(this.#handler.commands, text ?? line.toString('latin1'))
    const { argument, spec } = command
    const detail = spec ? commandDetail(command.verb, argument, spec.secret) : this.#unknownDetail(command, line)
    const { verb } = detail
    this.#handler.emit(detail)
    this.#handler.session.verb = verb
    const answer = (outcome: Reply) => {
      // Who left during a command has neither logged in nor out by it: no callback comes behind `onDisconnect`.
      if (this.isGone && !isPreliminary(outcome)) return
      this.#send(outcome, verb, arrivedMs)
      if (!spec?.transfers) return
      // REST counts for the command behind it and no other (RFC 959 §4.1.3).
      this.#handler.session.take('restartMarker')
      if (!isPreliminary(outcome)) this.#closeUnusedData()
    }
    // Before ABOR and the like, what cannot be decoded is left of Telnet signals.
    const undecodable = text === undefined && !(spec?.urgent && argument === '')
    if (undecodable) return answer(reply(501, `Can't decode command as ${encoding}.`))
    try {
      const outcome = dispatch(this.#handler.session, command)
      if (!(outcome instanceof Promise)) return answer(outcome)
      this.#hold(outcome.catch((error: unknown) => this.#failed(error)).then(answer))
    } catch (error) {
      answer(this.#failed(error))
    }
  }

  /**
   * A secret may stand behind a verb that was not recognized, for a stray byte before it or a slip behind it. The bytes are
   * searched and not the text: where a character is two bytes, the stray one takes the verb's first letter with it.
   */
  #unknownDetail({ verb, argument }: Command, line: Buffer): CommandDetail {
    const text = line.toString('latin1')
    const end = endOfSecretVerb(this.#handler.commands, text)
    if (end === undefined) return commandDetail(verb, argument)
    return commandDetail(text.slice(0, end).toUpperCase(), text.slice(end), true)
  }

  /** A refused transfer leaves a data connection behind. It goes once the reply is on its way: a reset must not come first. */
  #closeUnusedData(): void {
    const { dataConnection, ioloop } = this.#handler.session
    const { is } = dataConnection.state
    if (is !== 'listening' && is !== 'open') return
    this.#hold(ioloop.turn().then(() => dataConnection.close()))
  }

  #failed(error: unknown): FinalReply {
    if (!isExpected(error)) this.#handler.report(error)
    return replyForError(error)
  }

  /** The one way to the control connection. Sends a reply, then its completion, then closes where the reply says so. */
  #send(outgoing: Reply, verb: string, arrivedMs: number): void {
    const { code, lines } = outgoing
    if (!this.isGone) {
      this.#chat.push(encodeText(formatReply(outgoing), this.#handler.server.options.encoding))
      this.#handler.emit({
        type: 'reply',
        code,
        lines,
        verb,
        durationMs: this.#handler.server.ioloop.now() - arrivedMs,
      })
    }
    if (isPreliminary(outgoing)) {
      const complete = (final: FinalReply) => {
        this.#restartIdle()
        this.#send(final, verb, arrivedMs)
        this.#pump()
      }
      outgoing.completion.then(complete).catch((error: unknown) => this.#callbackFailed(error))
      return
    }
    const { afterwards, closes } = outgoing
    if (afterwards) this.#callBack(afterwards)
    if (code === 221 || code === 421 || closes) this.#leave()
    else if (this.#leaving) this.#closeWhenDone()
  }

  /** Reads no more commands. What is under way ends first, but for a client that is gone or has used up its time. */
  #leave(): void {
    this.#leaving = true
    this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    const { state } = this.#handler.session.dataConnection
    if (this.#ended && state.is === 'transferring') void this.#handler.session.dataConnection.close()
    if (state.is === 'transferring' || this.#holds > 0) return
    this.#idle?.cancel()
    this.#chat.closeWhenDone()
  }

  /** Runs a callback, then what follows it; one that is asynchronous holds the next command back. */
  #callBack(callback: () => void | Promise<void>, then: () => void = () => {}): void {
    try {
      const result = callback()
      if (result instanceof Promise) this.#hold(result.then(then))
      else then()
    } catch (error) {
      this.#callbackFailed(error)
    }
  }

  #hold(work: Promise<void>): void {
    this.#holds++
    work
      .catch((error: unknown) => this.#callbackFailed(error))
      .then(
        () => this.#release(),
        (error: unknown) => this.#handler.report(error),
      )
  }

  #release(): void {
    this.#holds--
    this.#checkSettled()
    this.#restartIdle()
    if (this.#leaving) this.#closeWhenDone()
    else this.#pump()
  }

  #callbackFailed(error: unknown): void {
    this.#handler.report(error)
    this.#chat.close()
  }

  #restartIdle(): void {
    const { ioloop, options } = this.#handler.server
    if (this.#idle !== undefined && this.#idleMs === options.timeout) return this.#idle.reset()
    this.#idle?.cancel()
    this.#idle = undefined
    this.#idleMs = options.timeout
    if (options.timeout === 0 || this.isGone) return
    this.#idle = ioloop.callLater(options.timeout, () => {
      this.#idle = undefined
      const busy = this.#holds > 0 || this.#handler.session.dataConnection.state.is === 'transferring'
      if (busy) this.#restartIdle()
      else this.#send(reply(421, 'Control connection timed out.'), '', ioloop.now())
    })
  }

  async #finish(error: Error | undefined): Promise<void> {
    this.#leaving = true
    this.isGone = true
    this.#lifetime?.abort()
    this.#idle?.cancel()
    await this.#handler.session.dataConnection.close()
    const durationMs = this.#handler.server.ioloop.now() - this.#openedMs
    this.#handler.emit({ type: 'disconnect', durationMs, ...(error && { error: reasonOf(error) }) })
    if (this.#greeted) this.#callBack(() => this.#handler.onDisconnect())
    this.#resolveClosed()
    this.#checkSettled()
  }

  #checkSettled(): void {
    if (this.isGone && this.#holds === 0) void this.closed.then(this.#resolveSettled)
  }
}
