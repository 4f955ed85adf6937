import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type FtpFixture, type Rule, randomBytes, type StartFtpServerOptions, startFtpServer } from '../../src/index.ts'

/** A server whose time stands still, with files to fetch. */
export function stillFixture(options: StartFtpServerOptions = {}): Promise<FtpFixture> {
  const files = { 'a.txt': 'over the wire\n', 'big.bin': randomBytes('300KiB', { seed: 1 }), 'empty.bin': '' }
  return startFtpServer({ clock: 'manual', files, ...options })
}

/** Rules as a scenario. */
export function scenario(...rules: Rule[]) {
  return { name: 'test', rules }
}

/** A client that keeps what comes as it comes, a segment each, and leaves its own side open when the server ends. */
export class Segments {
  readonly socket: Socket
  readonly segments: string[] = []
  /** How the connection ended. */
  readonly ended: Promise<'FIN' | 'RST'>
  #wake = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.segments.push(bytes.toString('latin1'))
      this.#wake()
    })
    this.ended = new Promise((resolve) => {
      socket.once('end', () => resolve('FIN')).once('error', () => resolve('RST'))
    })
    socket.on('error', () => {})
  }

  static async connect({ host, port }: FtpFixture): Promise<Segments> {
    const socket = connect({ host, port, allowHalfOpen: true })
    const client = new Segments(socket)
    await once(socket, 'connect')
    return client
  }

  /** Logs in, in TYPE I; what came for that is forgotten. */
  static async login(ftp: FtpFixture): Promise<Segments> {
    const client = await Segments.connect(ftp)
    await client.until('220 ')
    for (const [line, code] of [
      ['USER user', '331 '],
      ['PASS 12345', '230 '],
      ['TYPE I', '200 '],
    ] as const) {
      client.send(line)
      await client.until(code)
    }
    client.segments.length = 0
    return client
  }

  get text(): string {
    return this.segments.join('')
  }

  send(line: string): void {
    this.socket.write(`${line}\r\n`)
  }

  /** Resolves when this has come. */
  async until(wanted: string): Promise<void> {
    while (!this.text.includes(wanted)) {
      if (this.socket.destroyed || this.socket.readableEnded) throw new Error(`ended before "${wanted}": ${this.text}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        this.socket.once('end', resolve).once('close', resolve)
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.destroyed) return
    this.socket.destroy()
    await once(this.socket, 'close')
  }
}
