import type { Socket } from 'node:net'
import { commands } from '../commands/index.ts'
import type { CommandTable } from '../commands/table.ts'
import type { FilesystemUser } from '../filesystems/abstracted-fs.ts'
import { AsyncChat } from '../ioloop/async-chat.ts'
import type { ScheduledCall } from '../ioloop/ioloop.ts'
import { unmapAddress } from '../protocol/address.ts'
import { decodeText, encodeText } from '../protocol/encoding.ts'
import type { Line } from '../protocol/line-reader.ts'
import { type FinalReply, formatReply, isPreliminary, type Reply, reply, textLines } from '../protocol/reply.ts'
import type { FTPServer } from '../servers/ftp-server.ts'
import { dispatch, recognize } from './dispatch.ts'
import { isExpected, replyForError } from './error-reply.ts'
import { commandDetail, type EventDetail } from './events.ts'
import { Session } from './session.ts'

type Callback = () => void | Promise<void>

/**
 * One control connection (server-PI, RFC 959 §2.2): reads commands, has them done one after the other, sends the
 * replies. Subclass it for commands of your own (`commands`) and to be called back (`on…`); a callback may be
 * asynchronous, and the session reads its next command when it is done. One that throws costs its session alone.
 */
export class FTPHandler implements FilesystemUser {
  /** The commands it knows; a subclass spreads these into a table of its own. */
  static readonly commands: CommandTable = commands

  readonly server: FTPServer
  /** The number of the session, from 1 in the order of connecting. */
  readonly id: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly session: Session
  /** Resolves when the connection is closed and its transfer has ended. */
  readonly closed: Promise<void>
  readonly #chat: AsyncChat
  readonly #connectedMs: number
  readonly #lifetime = new AbortController()
  #resolveClosed: () => void = () => {}
  /** Reasons not to read the next command now: a command, a callback that is not done. */
  #holds = 0
  /** The client has said all it had to say. */
  #ended = false
  /** The last command has been read: QUIT, or the server closes. */
  #leaving = false
  #idle: ScheduledCall | undefined
  #idleMs = 0

  constructor(socket: Socket, server: FTPServer, id: number) {
    this.server = server
    this.id = id
    this.remoteAddress = unmapAddress(socket.remoteAddress ?? '')
    this.remotePort = socket.remotePort ?? 0
    this.localAddress = unmapAddress(socket.localAddress ?? '')
    this.#connectedMs = server.ioloop.now()
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.session = new Session(this)
    this.emit({
      type: 'connect',
      remoteAddress: this.remoteAddress,
      remotePort: this.remotePort,
      localPort: socket.localPort ?? 0,
    })
    this.#chat = new AsyncChat(socket, server.ioloop, {
      onReady: () => this.#pump(),
      onEnd: () => {
        this.#ended = true
        this.#pump()
      },
      onClose: (error) => void this.#finish(error),
    })
  }

  get commands(): CommandTable {
    return (this.constructor as typeof FTPHandler).commands
  }

  /** The user who is logged in, '' before that. */
  get username(): string {
    const { login } = this.session
    return login.step === 'user' ? '' : login.username
  }

  /** Aborted when the connection is closed. */
  get signal(): AbortSignal {
    return this.#lifetime.signal
  }

  /** Begins the dialogue: `onConnect`, then the greeting. */
  handle(): void {
    this.#restartIdle()
    this.#callBack(
      () => this.onConnect(),
      () => this.#send(reply(220, ...textLines(this.#banner())), '', this.#connectedMs),
    )
  }

  /** Turns the client away: the server is full. */
  handleMaxCons(): void {
    this.#send(reply(421, 'Too many connections. Service temporarily unavailable.'), '', this.#connectedMs)
  }

  /** Turns the client away: its address has too many connections. */
  handleMaxConsPerIp(): void {
    this.#send(reply(421, 'Too many connections from the same IP address.'), '', this.#connectedMs)
  }

  /** Closes the connection at once and ends its transfer; resolves when that is done. */
  close(): Promise<void> {
    this.#chat.close()
    return this.closed
  }

  /** Called when a client has connected, before the greeting. */
  onConnect(): void | Promise<void> {}

  /** Called when the connection is closed. */
  onDisconnect(): void | Promise<void> {}

  onLogin(_username: string): void | Promise<void> {}

  onLoginFailed(_username: string, _password: string): void | Promise<void> {}

  /** Called at QUIT, REIN and USER of somebody who was logged in; not when he merely disconnects. */
  onLogout(_username: string): void | Promise<void> {}

  /** Called when a file has been sent, with its path as the client sees it; `session.fs.ftp2fs` has the host's. */
  onFileSent(_path: string): void | Promise<void> {}

  /** Called when a file has been received and closed. */
  onFileReceived(_path: string): void | Promise<void> {}

  /** Called when a file was not sent to its end. */
  onIncompleteFileSent(_path: string): void | Promise<void> {}

  /** Called when a file was not received to its end; what came is there. */
  onIncompleteFileReceived(_path: string): void | Promise<void> {}

  runAsCurrentUser<T>(operation: () => T): T {
    const { login } = this.session
    if (login.step !== 'done') return operation()
    const { authorizer } = this.server
    authorizer.impersonateUser(login.username, login.password)
    try {
      return operation()
    } finally {
      authorizer.terminateImpersonation(login.username)
    }
  }

  /** Puts something on the server's time line. */
  emit(detail: EventDetail): void {
    this.server.emit(detail, this.id)
  }

  /** Puts an error that should not have happened on the time line. */
  report(error: unknown): void {
    this.emit({ type: 'error', error })
  }

  #banner(): string {
    const { banner } = this.server.options
    return typeof banner === 'function' ? banner() : banner
  }

  /** Takes up waiting lines while nothing stands against it, and sends their replies together. */
  #pump(): void {
    this.#chat.corked(() => {
      while (this.#holds === 0 && !this.#leaving) {
        const line = this.#chat.nextLine()
        if (line === undefined) break
        this.#obey(line)
      }
    })
    if (this.#ended && this.#holds === 0 && !this.#leaving) this.#leave()
  }

  #obey(line: Line): void {
    const arrivedMs = this.server.ioloop.now()
    this.#restartIdle()
    if (line === 'too long') return this.#send(reply(500, 'Command too long.'), '', arrivedMs)
    const { encoding, unicodeErrors } = this.server.options
    const text = decodeText(line, encoding, unicodeErrors === 'strict')
    const command = recognize(this.commands, text ?? line.toString('latin1'))
    const { verb, argument, spec } = command
    this.emit(commandDetail(verb, argument, spec?.secret === true))
    this.session.verb = verb
    const answer = (outcome: Reply) => {
      const refused = spec?.transfers && !isPreliminary(outcome)
      if (refused && this.session.dataConnection.state.is !== 'transferring') void this.session.dataConnection.close()
      // Who left during a command has neither logged in nor out by it: no callback comes behind `onDisconnect`.
      if (this.signal.aborted && !isPreliminary(outcome)) return
      this.#send(outcome, verb, arrivedMs)
    }
    if (text === undefined) return answer(reply(501, `Can't decode command as ${encoding}.`))
    try {
      const outcome = dispatch(this.session, command)
      if (!(outcome instanceof Promise)) return answer(outcome)
      this.#hold(outcome.catch((error: unknown) => this.#failed(error)).then(answer))
    } catch (error) {
      answer(this.#failed(error))
    }
  }

  #failed(error: unknown): FinalReply {
    if (!isExpected(error)) this.report(error)
    return replyForError(error)
  }

  /** The one way to the control connection. Sends a reply, then its completion, then closes where the reply says so. */
  #send(outgoing: Reply, verb: string, arrivedMs: number): void {
    const { code, lines } = outgoing
    if (!this.signal.aborted) {
      this.#chat.push(encodeText(formatReply(outgoing), this.server.options.encoding))
      this.emit({ type: 'reply', code, lines, verb, durationMs: this.server.ioloop.now() - arrivedMs })
    }
    if (isPreliminary(outgoing)) {
      void outgoing.completion.then((final) => {
        this.#restartIdle()
        this.#send(final, verb, arrivedMs)
        this.#pump()
      })
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
    const { state } = this.session.dataConnection
    if (this.#ended && state.is === 'transferring') void this.session.dataConnection.close()
    if (state.is === 'transferring' || this.#holds > 0) return
    this.#idle?.cancel()
    this.#chat.closeWhenDone()
  }

  /** Runs a callback, then what follows it; one that is asynchronous holds the next command back. */
  #callBack(callback: Callback, then: () => void = () => {}): void {
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
    const release = () => {
      this.#holds--
      this.#restartIdle()
      if (this.#leaving) this.#closeWhenDone()
      else this.#pump()
    }
    work.catch((error: unknown) => this.#callbackFailed(error)).then(release, (error: unknown) => this.report(error))
  }

  #callbackFailed(error: unknown): void {
    this.report(error)
    this.#chat.close()
  }

  #restartIdle(): void {
    const { ioloop, options } = this.server
    if (this.#idle !== undefined && this.#idleMs === options.timeout) return this.#idle.reset()
    this.#idle?.cancel()
    this.#idle = undefined
    this.#idleMs = options.timeout
    if (options.timeout === 0 || this.signal.aborted) return
    this.#idle = ioloop.callLater(options.timeout, () => {
      this.#idle = undefined
      const busy = this.#holds > 0 || this.session.dataConnection.state.is === 'transferring'
      if (busy) this.#restartIdle()
      else this.#send(reply(421, 'Control connection timed out.'), '', ioloop.now())
    })
  }

  async #finish(error: Error | undefined): Promise<void> {
    this.#leaving = true
    this.#lifetime.abort()
    this.#idle?.cancel()
    await this.session.dataConnection.close()
    const durationMs = this.server.ioloop.now() - this.#connectedMs
    this.emit({ type: 'disconnect', durationMs, ...(error && { error: error.message }) })
    try {
      await this.onDisconnect()
    } catch (error) {
      this.report(error)
    }
    this.#resolveClosed()
  }
}
