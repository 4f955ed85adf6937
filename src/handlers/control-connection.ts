import type { Socket } from 'node:net'
import type { Awaitable } from '../authorizers/authorizer.ts'
import { AsyncChat } from '../ioloop/async-chat.ts'
import { deferred } from '../ioloop/deferred.ts'
import type { Line } from '../protocol/line-reader.ts'
import { type FinalReply, isPreliminary, type Reply, reply } from '../protocol/reply.ts'
import { ControlWire, type Exchange } from './control-wire.ts'
import { encrypt } from './encrypt.ts'
import { isExpected, reasonOf, replyForError } from './error-reply.ts'
import type { FTPHandler } from './ftp-handler.ts'
import { limitHandshake } from './handshake-limit.ts'
import { SessionTimer } from './idle-timer.ts'
import { Lifetime } from './lifetime.ts'
import { type Request, requestOf } from './request.ts'
import type { Seams } from './seams.ts'
import type { Handshake } from './tls-socket.ts'
import { closeUnusedData } from './unused-data.ts'

/**
 * The wire side of a control connection: takes the commands one after the other, has them done, sends the replies in
 * order, and knows when to stop: at silence, at the client's end, behind 221 and 421.
 */
export class ControlConnection {
  /** What goes to the client. */
  readonly wire: ControlWire
  /** Its ends, for those who wait for one. */
  readonly lifetime: Lifetime = new Lifetime()
  /** The connection is encrypted. */
  isSecure = false
  readonly #handler: FTPHandler
  readonly #chat: AsyncChat
  readonly #openedMs: number
  readonly #closed = deferred()
  readonly #settled = deferred()
  #greeted = false
  /** Reasons not to read the next command now: a command, a callback that is not done. */
  #holds = 0
  /** The last command has been read: QUIT, or the server closes. */
  #leaving = false
  /** It was QUIT. */
  #hasSaidGoodbye = false
  /** A transfer goes on to its end without this connection. */
  #isOutlived = false
  readonly #idle: SessionTimer

  constructor(handler: FTPHandler, socket: Socket) {
    const { ioloop } = handler.server
    this.#handler = handler
    this.#openedMs = ioloop.now()
    this.#idle = new SessionTimer(handler, () => this.#idled())
    this.#chat = new AsyncChat(socket, ioloop, {
      onReady: () => this.#pump(),
      onEnd: () => {
        this.lifetime.depart()
        this.#pump()
      },
      onClose: (error) => void this.#finish(error),
    })
    this.wire = new ControlWire(handler, this.#chat, (data) => {
      this.#leaving = true
      if (data === 'close') void handler.session.dataConnection.close()
      else this.#isOutlived = true
    })
  }

  /** The connection is closed: nothing more is read or sent. */
  get isGone(): boolean {
    return this.lifetime.isOver
  }

  /** Resolves when the connection is closed and its transfer has ended. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  /** Resolves when, beyond that, no command or callback is running any more. */
  get settled(): Promise<void> {
    return this.#settled.promise
  }

  /** Begins the dialogue: runs a callback, then sends the greeting. */
  greet(callback: () => void | Promise<void>, greeting: () => FinalReply): void {
    this.#greeted = true
    this.#idle.restart()
    this.#callBack(callback, () => this.say(greeting(), this.#handler.session.seams))
  }

  /** Says something that no command asked for. */
  say(unasked: FinalReply, seams?: Seams): void {
    this.#send(unasked, { verb: '', beganMs: this.#openedMs, seams })
  }

  /** Does something before anything else is read; `then` follows unless that has ended the connection. */
  first(action: () => Awaitable<void>, then: () => void): void {
    this.#callBack(action, () => {
      if (!this.#leaving) then()
    })
  }

  /** Encrypts the connection in time; resolves once that is done, or has failed and closed the connection. */
  async secure(begin: (socket: Socket) => Handshake, limitMs: number): Promise<void> {
    this.#holds++
    // It counts from here on: a client that does not read what goes before must not stay for ever.
    const expiry = limitHandshake(this.#handler.server.ioloop, limitMs, (error) => this.#chat.close(error))
    try {
      this.isSecure = (await encrypt(this.#chat, begin, this.#handler.session.seams)) && !this.isGone
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
    if (this.#isOutlived) void this.#handler.session.dataConnection.close()
    return this.closed
  }

  /** Takes up waiting lines while nothing stands against it, and sends their replies together. */
  #pump(): void {
    let isEmpty = false
    while (!isEmpty && !this.#chat.congested && this.#takesLines) isEmpty = this.#chat.corked(() => this.#takeLines())
    if (this.lifetime.hasDeparted && isEmpty) this.leave()
  }

  get #takesLines(): boolean {
    return this.#holds === 0 && !this.#leaving
  }

  /** Whether there are none any more; a client that reads no replies, though it has ended its side, gets no more of them. */
  #takeLines(): boolean {
    while (this.#takesLines) {
      const line = this.#chat.nextLine()
      if (line === undefined) return !this.#chat.congested
      this.#obey(line)
    }
    return false
  }

  #obey(line: Line): void {
    const { server, session } = this.#handler
    const beganMs = server.ioloop.now()
    this.#idle.stir()
    if (line === 'too long') return this.#send(reply(500, 'Command too long.'), { verb: '', beganMs })
    const request = requestOf(this.#handler, line)
    const seams = server.seams?.commanded(session, request.command)
    const exchange = { verb: request.detail.verb, beganMs, seams }
    if (seams?.before === undefined) return this.#read(request, exchange)
    this.first(seams.before, () => this.#read(request, exchange))
  }

  /** A command counts as read from here on: has it done, and sends what comes of it. */
  #read({ command: { spec }, detail, obey }: Request, exchange: Exchange): void {
    const { seams } = exchange
    const { session } = this.#handler
    session.dataConnection.look()
    this.#handler.emit(detail)
    session.verb = detail.verb
    session.seams = seams
    const answer = (outcome: Reply | undefined) => {
      // Who left during a command has neither logged in nor out by it: no callback comes behind `onDisconnect`.
      if (outcome === undefined || (this.isGone && !isPreliminary(outcome))) return
      this.#send(outcome, exchange)
      if (!spec?.transfers) return
      // REST counts for the command behind it and no other (RFC 959 §4.1.3).
      session.take('restartMarker')
      const closing = isPreliminary(outcome) ? undefined : closeUnusedData(session)
      if (closing !== undefined) this.#hold(closing)
    }
    try {
      const outcome = seams?.command ? seams.command(obey) : obey()
      if (!(outcome instanceof Promise)) return answer(outcome)
      this.#hold(outcome.catch((error: unknown) => this.#failed(error)).then(answer))
    } catch (error) {
      answer(this.#failed(error))
    }
  }

  #failed(error: unknown): FinalReply {
    if (!isExpected(error)) this.#handler.report(error)
    return replyForError(error)
  }

  /** The one way to the control connection. Sends a reply, then its completion, then closes where the reply says so. */
  #send(outgoing: Reply, exchange: Exchange): void {
    const { code, lines } = outgoing
    const { seams } = exchange
    const reply = { code, lines, isPreliminary: isPreliminary(outgoing) }
    const sent =
      seams?.reply && !this.isGone
        ? seams.reply(reply, (changed) => this.wire.write(changed, exchange))
        : this.wire.write(reply, exchange)
    if (sent instanceof Promise) this.#hold(sent.then(() => this.#sent(outgoing, exchange)))
    else this.#sent(outgoing, exchange)
  }

  #sent(outgoing: Reply, exchange: Exchange): void {
    const { code } = outgoing
    if (isPreliminary(outgoing)) {
      const { completion } = outgoing
      if (!(completion instanceof Promise)) return this.#send(completion, exchange)
      const complete = (final: FinalReply) => this.#complete(final, exchange)
      completion.then(complete).catch((error: unknown) => this.#callbackFailed(error))
      return
    }
    const { afterwards, closes } = outgoing
    if (afterwards) this.#callBack(afterwards)
    if (code === 230) this.#idle.stir()
    if (code === 221) this.#hasSaidGoodbye = true
    if (code === 221 || code === 421 || closes) this.leave()
    else if (this.#leaving) this.#closeWhenDone()
  }

  #complete(final: FinalReply, exchange: Exchange): void {
    this.#idle.restart()
    this.#send(final, exchange)
    this.#pump()
  }

  /** Reads no more commands, then closes. What is under way ends first, but for a client that is gone. */
  leave(): void {
    this.#leaving = true
    this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    const { state } = this.#handler.session.dataConnection
    if (this.lifetime.hasDeparted && state.is === 'transferring') void this.#handler.session.dataConnection.close()
    if (state.is === 'transferring' || this.#holds > 0) return
    this.#idle.cancel()
    this.#chat.closeWhenDone(this.#hasSaidGoodbye)
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
    this.#idle.stir()
    if (this.#leaving) this.#closeWhenDone()
    else this.#pump()
  }

  #callbackFailed(error: unknown): void {
    this.#handler.report(error)
    this.#chat.close()
  }

  #idled(): void {
    const busy = this.#holds > 0 || this.#handler.session.dataConnection.state.is === 'transferring'
    if (busy) return this.#idle.restart()
    const beganMs = this.#handler.server.ioloop.now()
    this.#send(reply(421, 'Control connection timed out.'), { verb: '', beganMs })
  }

  async #finish(error: Error | undefined): Promise<void> {
    this.#leaving = true
    this.lifetime.end()
    this.#idle.cancel()
    const { dataConnection } = this.#handler.session
    const { state } = dataConnection
    if (this.#isOutlived && state.is === 'transferring') await state.transfer.completion
    await dataConnection.close()
    const durationMs = this.#handler.server.ioloop.now() - this.#openedMs
    this.#handler.emit({ type: 'disconnect', durationMs, ...(error && { error: reasonOf(error) }) })
    if (this.#greeted) this.#callBack(() => this.#handler.onDisconnect())
    this.#closed.resolve()
    this.#checkSettled()
  }

  #checkSettled(): void {
    if (this.isGone && this.#holds === 0) void this.closed.then(this.#settled.resolve)
  }
}
