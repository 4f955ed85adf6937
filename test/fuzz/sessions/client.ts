import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { WireReply } from '../../support/raw-client.ts'
import { ClientPort, portArgument } from './client-port.ts'
import { bytesOf, type Command, command, INTERRUPTING } from './command.ts'
import { DataEnd, turn } from './data-plan.ts'
import { encrypted, type Handshake, isWhole } from './encryption.ts'
import type { SessionModel } from './model.ts'
import { ReplyReader } from './reply-reader.ts'
import { Inconclusive, settleUpload } from './uploads.ts'

/** A wait that is no assertion about time: without it a reply that never comes would say nothing of what was asked for. */
const PATIENCE_MS = 10_000

/** How a packet of commands is cut, and how long the client waits in between. */
export interface Cutting {
  readonly cuts: readonly number[]
  readonly turns: number
}

/** A client that holds each reply against the model, and knows which command it belongs to. */
export class SessionClient {
  readonly model: SessionModel
  /** Every reply so far. */
  readonly replies: WireReply[] = []
  socket: Socket
  /** The TCP connection, below TLS. */
  readonly #plain: Socket
  /** Of TLS, to be resumed by data connections. */
  #session: Buffer | undefined
  readonly #root: string
  readonly #unanswered: Command[] = []
  readonly #reader = new ReplyReader((reply) => this.#take(reply))
  readonly #log: string[] = []
  /** The data connection set up last, and that of the transfer. */
  #next: DataEnd | undefined
  #current: DataEnd | undefined
  readonly #ends: DataEnd[] = []
  readonly #ports = new Map<Command, ClientPort>()
  readonly #checks: Promise<void>[] = []
  #isGreeted = false
  #hasLeft = false
  #isClosed = false
  #failure: Error | undefined
  #wake: () => void = () => {}

  private constructor(model: SessionModel, root: string, host: string, port: number) {
    this.model = model
    this.#root = root
    this.#plain = connect({ host, port, noDelay: true, allowHalfOpen: true })
    this.socket = this.#attended(this.#plain)
  }

  #attended(socket: Socket): Socket {
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => this.#guarded(() => this.#reader.push(bytes)))
    socket.on('end', () => socket.end())
    return socket.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  /** Connects, to a server whose files for this session are below `root`. */
  static async connect(
    { host, port }: { readonly host: string; readonly port: number },
    model: SessionModel,
    root: string,
  ): Promise<SessionClient> {
    const client = new SessionClient(model, root, host, port)
    await client.#until('the greeting', () => client.#isGreeted)
    return client
  }

  /** The port it came from, by which the server's side of it is known. */
  get port(): number {
    return this.#plain.localPort ?? 0
  }

  /** Asks for TLS and encrypts the connection, or gives that up: then it is over. Nothing where it cannot be. */
  async secure(handshake: Handshake): Promise<void> {
    if (!this.model.speaksTls || this.model.isSecure || this.model.isOver) return
    await this.say([command('AUTH', 'TLS')], { cuts: [], turns: 0 })
    await this.answered()
    if (!this.model.isSecure) return
    this.#plain.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close').pause()
    this.#log.push(`C: TLS ${handshake}`)
    const secured = await this.patiently(
      'TLS',
      encrypted(this.#plain, handshake, undefined, (session) => {
        this.#session = session
      }),
    )
    if (secured !== undefined) {
      this.socket = this.#attended(secured)
      return
    }
    if (isWhole(handshake)) throw this.#explained(new Error('TLS was refused'))
    this.model.isOver = true
    this.#hasLeft = true
    if (!this.#plain.closed) await this.patiently('the end of it', once(this.#plain, 'close'))
    this.#isClosed = true
    this.#closeData()
  }

  /** Says commands, all in one packet or cut anywhere. */
  async say(commands: readonly Command[], { cuts, turns }: Cutting): Promise<void> {
    if (this.model.isOver || this.#isClosed) return
    const parts: Buffer[] = []
    for (const each of commands) parts.push(await this.#prepared(each))
    const bytes = Buffer.concat(parts)
    this.#unanswered.push(...commands)
    this.#log.push(`C: ${commands.map(({ text }) => text).join(' | ')}`)
    const bounds = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
    let from = 0
    for (const to of [...bounds, bytes.length]) {
      if (to > from) this.socket.write(bytes.subarray(from, to))
      from = to
      await turn(turns)
    }
  }

  /** Resolves when every command has been answered, but for the final reply of a transfer; or when the server has left. */
  async answered(): Promise<void> {
    await this.#until('a reply', () => this.#unanswered.length === 0 || (this.model.isOver && this.#isClosed))
    await this.#checked()
  }

  /** Whether a transfer is running that will end by itself. */
  get isSureToEnd(): boolean {
    const { transfer } = this.model
    return transfer === undefined || this.#current?.isSure(transfer.direction) === true
  }

  /** Resolves when no transfer is running. */
  async transferred(): Promise<void> {
    await this.#until('the end of the transfer', () => this.model.transfer === undefined)
    await this.#checked()
  }

  /** Ends its side; resolves when the server has answered all that it was asked, and left. */
  async leave(): Promise<void> {
    this.#hasLeft = true
    this.#log.push('C: FIN')
    this.socket.end()
    await this.closed()
    this.#mustBeDone()
  }

  /** Resolves when the server has left, behind QUIT say. */
  async closed(): Promise<void> {
    await this.#until('the end of the connection', () => this.#isClosed)
    await this.#checked()
    this.#mustBeDone()
  }

  /** Goes without a word. */
  async vanish(how: 'fin' | 'rst'): Promise<void> {
    this.#hasLeft = true
    this.#log.push(`C: gone by ${how}`)
    // Behind QUIT a transfer goes on without the client, for as long as its data connection is awaited.
    const isOutlived = this.model.isOver || this.#unanswered.some(({ verb }) => verb === 'QUIT' || verb === 'PASS')
    if (how === 'rst' || isOutlived) this.#plain.resetAndDestroy()
    this.socket.destroy()
    await this.#until('the end of the connection', () => this.#isClosed)
    this.#closeData()
  }

  /** Whether all that was said is done: nothing is left that may change a file. */
  get isSettled(): boolean {
    return this.model.transfer === undefined && (this.model.isOver || this.#unanswered.length === 0)
  }

  /** What was said, for people. */
  toString(): string {
    return this.#log.join('\n')
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
    this.#closeData()
  }

  #closeData(): void {
    for (const end of this.#ends) end.close()
    for (const port of this.#ports.values()) port.close()
  }

  #mustBeDone(): void {
    const { transfer, isOver } = this.model
    if (transfer !== undefined && !this.#hasLeft && this.isSureToEnd)
      throw this.#explained(new Error(`${transfer.verb} was not finished`))
    if (!isOver && this.#unanswered.length > 0)
      throw this.#explained(new Error(`${this.#unanswered[0]?.text} was not answered`))
  }

  async #checked(): Promise<void> {
    await this.patiently('the end of the data', Promise.all(this.#checks.splice(0))).catch((error: Error) => {
      throw this.#explained(error)
    })
  }

  /** Waits for something that has to come. */
  async patiently<T>(what: string, awaited: Promise<T>): Promise<T> {
    let patience: NodeJS.Timeout | undefined
    const impatient = new Promise<never>((_, reject) => {
      const fail = () => reject(this.#explained(new Error(`no sign of ${what} for ${PATIENCE_MS} ms`)))
      patience = setTimeout(fail, PATIENCE_MS)
    })
    return Promise.race([awaited, impatient]).finally(() => clearTimeout(patience))
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#failure) throw this.#failure
      if (this.#isClosed) throw this.#explained(new Error(`waited for ${what}, and the server left`))
      const news = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      await this.patiently(what, news)
    }
    if (this.#failure) throw this.#failure
  }

  #guarded(action: () => void): void {
    try {
      if (this.#failure === undefined) action()
    } catch (error) {
      this.#fail(error as Error)
    }
    this.#wake()
  }

  #fail(error: Error): void {
    this.#failure ??= this.#explained(error)
    this.#wake()
  }

  #explained(error: Error): Error {
    return error instanceof Inconclusive || error.message.includes('S: 220 ')
      ? error
      : new Error(`${error.message}\n${this}`, { cause: error })
  }

  #take(reply: WireReply): void {
    this.replies.push(reply)
    this.#log.push(`S: ${reply.lines.length > 3 ? `${reply.lines[0]} …` : reply.text}`)
    if (!this.#isGreeted) {
      if (reply.code !== 220) throw new Error(`no greeting: ${reply.text}`)
      this.#isGreeted = true
      return
    }
    if (this.#isFinal(reply)) return this.#finish(reply)
    const head = this.#unanswered[0]
    if (head === undefined || this.model.isOver) throw new Error(`nobody asked for: ${reply.text}`)
    this.#unanswered.shift()
    if (reply.code < 200) return this.#begin(head, reply)
    this.model.answer(head, reply)
    this.#connect(head, reply)
  }

  /** 226 and 426 end a transfer while there is one: ABOR's own 226 comes behind. So does 522, where it is not EPSV's. */
  #isFinal({ code, text }: WireReply): boolean {
    const ends = code === 226 || code === 426 || text.startsWith('522 TLS ')
    return this.model.transfer !== undefined && ends
  }

  #begin(head: Command, reply: WireReply): void {
    this.model.begin(head, reply)
    this.#current = this.#next
    this.#next = undefined
    this.#current?.proceed()
  }

  #finish(reply: WireReply): void {
    const { model } = this
    const opening = model.transfer
    const end = this.#current
    if (opening === undefined || end === undefined) throw new Error(`no transfer to end: ${reply.text}`)
    const isCut = this.#hasLeft || this.#unanswered.some(({ verb }) => INTERRUPTING.has(verb))
    if (reply.code === 426 && !isCut && !end.hasSpoilt(opening.direction))
      throw new Error(`for no reason: ${reply.text}`)
    if (reply.code === 522 && !end.isRefusingTls && !end.isGivenUp) throw new Error(`for no reason: ${reply.text}`)
    model.end()
    if (opening.file !== undefined) {
      settleUpload(opening, end, reply.code === 226 && !end.isGivenUp, {
        files: model.files,
        root: this.#root,
        unanswered: this.#unanswered,
      })
      end.close()
      return
    }
    const check = this.#checkDownload(end, reply.code, opening)
    // Asked for when the client waits; it may have gone by then.
    check.catch(() => {})
    this.#checks.push(check)
  }

  async #checkDownload(
    end: DataEnd,
    code: number,
    { content, check, verb }: { readonly content?: Buffer; check?(received: Buffer): void; readonly verb: string },
  ): Promise<void> {
    const isWhole = code === 226 && end.isSure('sent') && !end.hasSpoilt('sent')
    if (!isWhole) end.close()
    await end.over
    const { received } = end
    if (content && !content.subarray(0, received.length).equals(received)) throw new Error(`${verb}: other bytes came`)
    if (!isWhole) return
    if (content && received.length !== content.length) {
      throw new Error(`${verb}: ${received.length} bytes came of ${content.length}`)
    }
    check?.(received)
  }

  async #prepared(each: Command): Promise<Buffer> {
    if (each.port === undefined) return bytesOf(each)
    const host = this.socket.localAddress ?? ''
    // Its control connection's own: nobody listens there, and nobody else gets it meanwhile.
    if (each.port === 'closed') return bytesOf(each, portArgument(each.verb, host, this.port))
    const port = await ClientPort.open(host)
    this.#ports.set(each, port)
    return bytesOf(each, port.argument(each.verb))
  }

  /** Goes on with the data connection that a reply has set up. */
  #connect(head: Command, { code, text }: WireReply): void {
    const { plan } = head
    const port = this.#ports.get(head)
    if (plan === undefined || ![200, 227, 229].includes(code)) return port?.close()
    const encryption = this.model.protection === 'P' ? { session: this.#session } : undefined
    const end = port
      ? new DataEnd(plan, () => port.arrived, encryption)
      : DataEnd.toPort(plan, ...this.#addressIn(text), encryption)
    this.#next = end
    this.#ends.push(end)
  }

  #addressIn(text: string): [string, number] {
    const host = this.socket.remoteAddress ?? ''
    const numbers = text.match(/\d+/g)?.slice(1).map(Number) ?? []
    return [host, numbers.length === 1 ? (numbers[0] ?? 0) : (numbers[4] ?? 0) * 256 + (numbers[5] ?? 0)]
  }
}
