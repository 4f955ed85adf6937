import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'

/** A whole reply as it came: its code, and its lines without their ends. */
export interface WireReply {
  readonly code: number
  readonly lines: readonly string[]
  readonly text: string
}

/** A client that says just what a test tells it to, and keeps the replies apart. */
export class RawClient {
  socket: Socket
  /** The TCP connection, below TLS. */
  readonly plain: Socket
  readonly #lines: string[] = []
  #pending = ''
  #wake: () => void = () => {}
  #closed = false

  private constructor(socket: Socket) {
    this.socket = socket
    this.plain = socket
    this.#attend(socket)
  }

  #attend(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => {
      const parts = (this.#pending + String(bytes)).split('\r\n')
      this.#pending = parts.pop() ?? ''
      this.#lines.push(...parts)
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
    socket.on('end', () => {
      this.#closed = true
      this.#wake()
    })
  }

  /** Connects and, unless told otherwise, leaves the greeting unread. */
  static async connect(
    { host, port }: { readonly host: string; readonly port: number },
    localAddress?: string,
  ): Promise<RawClient> {
    const socket = connect({ host, port, ...(localAddress && { localAddress }) })
    const client = new RawClient(socket)
    await once(socket, 'connect')
    return client
  }

  /** Connects and logs in, in TYPE I. */
  static async login(
    server: { readonly host: string; readonly port: number },
    user = 'user',
    password = '12345',
  ): Promise<RawClient> {
    const client = await RawClient.connect(server)
    await client.expect(220)
    await client.command(`USER ${user}`, 331)
    await client.command(`PASS ${password}`, 230)
    await client.command('TYPE I', 200)
    return client
  }

  /** Asks for TLS and encrypts the connection. */
  async secure(options: ConnectionOptions, mechanism = 'TLS'): Promise<TLSSocket> {
    await this.command(`AUTH ${mechanism}`, 234)
    return this.startTls(options)
  }

  /** Encrypts the connection from here on. */
  async startTls(options: ConnectionOptions): Promise<TLSSocket> {
    const plain = this.socket
    plain.removeAllListeners('data').removeAllListeners('close').removeAllListeners('end').pause()
    const socket = await overTls(plain, options)
    this.socket = socket
    this.#attend(socket)
    return socket
  }

  /** The next line, or `undefined` when the server has closed. */
  async line(): Promise<string | undefined> {
    while (this.#lines.length === 0) {
      if (this.#closed) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#lines.shift()
  }

  /** The next reply; throws when the server closes instead. */
  async reply(): Promise<WireReply> {
    const lines: string[] = []
    for (;;) {
      const line = await this.line()
      if (line === undefined) throw new Error(`the server closed the connection; last lines: ${JSON.stringify(lines)}`)
      lines.push(line)
      const first = lines[0] ?? ''
      const code = first.slice(0, 3)
      if (lines.length === 1 ? first[3] !== '-' : line.startsWith(`${code} `)) {
        return { code: Number(code), lines, text: lines.join('\n') }
      }
    }
  }

  /** The next reply, which has to have one of these codes. */
  async expect(...codes: number[]): Promise<WireReply> {
    const reply = await this.reply()
    if (!codes.includes(reply.code)) throw new Error(`expected ${codes.join(' or ')}, got: ${reply.text}`)
    return reply
  }

  send(line: string): void {
    this.socket.write(`${line}\r\n`)
  }

  /** Sends a command and takes one reply, which has to have one of the codes when there are any. */
  command(line: string, ...codes: number[]): Promise<WireReply> {
    this.send(line)
    return codes.length === 0 ? this.reply() : this.expect(...codes)
  }

  /** Resolves when the server has closed the connection; what it still said is not read. */
  async closed(): Promise<void> {
    while (!this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Asks for a passive data connection and opens it. */
  async passive(command: 'PASV' | 'EPSV' = 'PASV'): Promise<Socket> {
    const { host, port } = await this.passiveAddress(command)
    const socket = connect({ host, port, allowHalfOpen: true })
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }

  /** Asks for a passive data connection and leaves it unopened. */
  async passiveAddress(command: 'PASV' | 'EPSV' = 'PASV'): Promise<{ readonly host: string; readonly port: number }> {
    const host = this.socket.remoteAddress ?? ''
    const { text } = await this.command(command, 227, 229)
    const numbers = text.match(/\d+/g)?.slice(1).map(Number) ?? []
    return { host, port: command === 'PASV' ? (numbers[4] ?? 0) * 256 + (numbers[5] ?? 0) : (numbers[0] ?? 0) }
  }

  /** Listens, tells the server where with PORT or EPRT, and gives the connection that comes. */
  async active(command: 'PORT' | 'EPRT' = 'PORT'): Promise<Socket> {
    const host = this.socket.localAddress ?? ''
    const listener: Server = createServer({ allowHalfOpen: true })
    listener.listen(0, host)
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    const arrived = once(listener, 'connection') as Promise<[Socket]>
    const eprt = `EPRT |${host.includes(':') ? 2 : 1}|${host}|${port}|`
    await this.command(command === 'PORT' ? `PORT ${host.replaceAll('.', ',')},${port >> 8},${port & 255}` : eprt, 200)
    const [socket] = await arrived
    listener.close()
    socket.on('error', () => {})
    return socket
  }

  /** Fetches what a command sends over a passive data connection. */
  async fetch(command: string): Promise<Buffer> {
    const data = await this.passive()
    const bytes = readAll(data)
    await this.command(command, 125, 150)
    const result = await bytes
    await this.expect(226)
    return result
  }

  /** Sends bytes with a command over a passive data connection. */
  async store(command: string, content: string | Uint8Array): Promise<WireReply> {
    const data = await this.passive()
    const preliminary = await this.command(command, 125, 150)
    data.end(content)
    await this.expect(226)
    data.destroy()
    return preliminary
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.destroyed) return
    this.socket.destroy()
    await once(this.socket, 'close')
  }
}

/** A connection encrypted, as its client side. */
export async function overTls(plain: Duplex, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectTls({ ...options, socket: plain })
  await once(socket, 'secureConnect')
  return socket.on('error', () => {})
}

/** Everything up to the end of a connection, which is then closed. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  // Node 24 leaves a socket that may still be written to open.
  socket.destroy()
  return Buffer.concat(chunks)
}

/** How a connection ends as its other side sees it. */
export function ending(socket: Socket): Promise<'FIN' | 'RST'> {
  return new Promise((resolve) => {
    socket.once('end', () => resolve('FIN'))
    socket.once('error', () => resolve('RST'))
    socket.resume()
  })
}
