import { connect, type Socket } from 'node:net'
import type { Awaitable } from '../../../src/server.ts'
import { encrypted, type Handshake, isWhole } from './encryption.ts'

/** So many bytes of a text that is repeated; small in the report of a failure. */
export interface Content {
  readonly size: number
  readonly text: string
}

/** The bytes themselves. */
export function contentOf({ size, text }: Content): Buffer {
  return Buffer.alloc(size, text)
}

/** What a client does with a data connection, whichever way the bytes go then. */
export interface DataPlan {
  /** When it connects: at once, or behind the preliminary reply. Twice, as somebody else would who guesses the port. */
  readonly connects: 'at once' | 'late' | 'never' | 'twice'
  /** When it begins to read and write. */
  readonly begins: 'at once' | 'late'
  readonly reads: 'all' | 'slowly' | 'nothing' | number
  /** What it does when it has read so many bytes. */
  readonly leaves: 'fin' | 'rst'
  readonly sends: Content
  /** Where the content is cut when it is written. */
  readonly cuts: readonly number[]
  /** How it ends what it writes: its own side, with or without a word of TLS's, all of it, by a reset, or not at all. */
  readonly ends: 'fin' | 'cut' | 'close' | 'rst' | 'not'
  /** What it does where the connection is to be encrypted. */
  readonly handshake: Handshake
  /** Turns of the event loop between two writes. */
  readonly turns: number
}

/** Lets the event loop turn some times. */
export async function turn(times: number): Promise<void> {
  for (let n = 0; n < times; n++) await new Promise(setImmediate)
}

/** What a client knows of TLS when it sets up a data connection that is to be encrypted. */
export interface Encryption {
  /** Of its control connection, to be resumed. */
  readonly session: Buffer | undefined
}

/** A data connection of a client that goes by its plan. */
export class DataEnd {
  readonly plan: DataPlan
  readonly #encryption: Encryption | undefined
  /** The other side has ended it in order. */
  hasEnded = false
  readonly #sockets: Socket[] = []
  readonly #chunks: Buffer[] = []
  #count = 0
  readonly #open: () => Awaitable<Socket | undefined>
  #isLate = false
  #isClosed = false
  #wake: () => void = () => {}
  readonly #done: Promise<void>

  constructor(plan: DataPlan, open: () => Awaitable<Socket | undefined>, encryption?: Encryption) {
    this.plan = plan
    this.#encryption = encryption
    this.#open = open
    this.#done = this.#run()
  }

  static toPort(plan: DataPlan, host: string, port: number, encryption?: Encryption): DataEnd {
    return new DataEnd(plan, () => connect({ host, port, allowHalfOpen: true }), encryption)
  }

  /** Whether it is to be encrypted, and will not be. */
  get isRefusingTls(): boolean {
    return this.#encryption !== undefined && !isWhole(this.plan.handshake)
  }

  /** Whether an upload ends without a word of its end. */
  get isCutShort(): boolean {
    return this.#encryption !== undefined && this.plan.ends === 'cut'
  }

  /** The preliminary reply has come. */
  proceed(): void {
    this.#isLate = true
    this.#wake()
  }

  /** Everything that came. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  /** Resolves when the connection is over, on which the server has said its last word. */
  get over(): Promise<void> {
    return this.#done
  }

  /** Whether the transfer comes to its end by itself. */
  isSure(direction: 'sent' | 'received'): boolean {
    const { connects, reads, ends } = this.plan
    // A reset may come before the server has taken the connection, and then it waits for another one.
    if (connects === 'never' || ends === 'rst') return false
    if (this.isRefusingTls) return this.plan.handshake !== 'rst'
    return direction === 'received' ? ends !== 'not' : reads !== 'nothing' || ends === 'close'
  }

  /** Whether the client itself may have ended the transfer too early. */
  hasSpoilt(direction: 'sent' | 'received'): boolean {
    const { ends, reads, sends } = this.plan
    if (this.#isClosed || this.isRefusingTls || this.isCutShort) return true
    // Closed with tickets of TLS's unread, it is reset by the kernel, which may cost what it has sent.
    if (this.#encryption !== undefined && ends === 'close') return true
    // What it still sends when the server has closed is answered by a reset, which may cost it what it has not read.
    if (direction === 'sent' && sends.size > 0) return true
    return ends === 'rst' || (direction === 'sent' && (ends === 'close' || typeof reads === 'number'))
  }

  /** Whether the server has been told of an end that is none, since the client was closed. */
  get isGivenUp(): boolean {
    return this.#isClosed
  }

  /** Ends it whatever goes on. */
  close(): void {
    this.#isClosed = true
    for (const socket of this.#sockets) socket.destroy()
    this.proceed()
  }

  async #run(): Promise<void> {
    const { connects, begins } = this.plan
    if (connects === 'never') return
    if (connects === 'late') await this.#late()
    const socket = await this.#opened()
    if (socket === undefined) return
    if (connects === 'twice') {
      await connected(socket)
      void this.#opened()
    }
    if (begins === 'late') await this.#late()
    const carrier = this.#encryption ? await this.#encrypted(socket, this.#encryption) : socket
    if (carrier === undefined) return closed(socket)
    const reading = this.#read(carrier, socket)
    await this.#write(carrier, socket)
    await reading
  }

  async #encrypted(plain: Socket, { session }: Encryption): Promise<Socket | undefined> {
    await connected(plain)
    if (plain.destroyed) return undefined
    const socket = await encrypted(plain, this.plan.handshake, session)
    if (socket) this.#sockets.push(socket.pause())
    if (this.#isClosed) socket?.destroy()
    return socket
  }

  async #opened(): Promise<Socket | undefined> {
    const socket = await this.#open()
    if (this.#isClosed) socket?.destroy()
    // To PORT there is one connection and no more.
    if (socket === undefined || this.#sockets.includes(socket)) return socket
    this.#sockets.push(socket.on('error', () => {}).pause())
    return socket
  }

  async #late(): Promise<void> {
    while (!this.#isLate) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** `plain` is the TCP connection, which TLS cannot reset. */
  async #read(socket: Socket, plain: Socket): Promise<void> {
    const { reads, leaves } = this.plan
    socket.on('end', () => {
      this.hasEnded = true
      // Its own side may have been ended before, or is to be now.
      socket.end()
    })
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#count += chunk.length
      if (typeof reads === 'number' && this.#count >= reads) {
        if (leaves === 'rst') reset(socket, plain)
        else socket.destroy()
      } else if (reads === 'slowly') {
        socket.pause()
        setImmediate(() => socket.resume())
      }
    })
    if (reads !== 'nothing') socket.resume()
    await closed(socket)
  }

  async #write(socket: Socket, plain: Socket): Promise<void> {
    const { sends, cuts, ends, turns } = this.plan
    const content = contentOf(sends)
    await connected(socket)
    const bounds = [...new Set(cuts.map((cut) => Math.min(cut, content.length)))].sort((a, b) => a - b)
    let from = 0
    for (const to of [...bounds, content.length]) {
      if (!socket.writable) break
      if (to > from) await written(socket, content.subarray(from, to))
      from = to
      await turn(turns)
    }
    if (ends === 'fin') socket.end()
    else if (ends === 'cut') plain.end()
    else if (ends === 'rst') reset(socket, plain)
    // Behind its last bytes: what is not the kernel's yet would be thrown away.
    else if (ends === 'close') socket.end(() => socket.destroy())
  }
}

function reset(socket: Socket, plain: Socket): void {
  if (!plain.destroyed) plain.resetAndDestroy()
  socket.destroy()
}

async function connected(socket: Socket): Promise<void> {
  if (!socket.connecting) return
  await Promise.race([new Promise<void>((resolve) => void socket.once('connect', () => resolve())), closed(socket)])
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => void socket.once('close', () => resolve()))
}

/** Resolves when bytes are the kernel's, or the connection is gone. */
async function written(socket: Socket, bytes: Buffer): Promise<void> {
  await Promise.race([new Promise<void>((resolve) => void socket.write(bytes, () => resolve())), closed(socket)])
}
