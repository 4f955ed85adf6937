import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { ControlApi } from '../../src/index.ts'

/** What came back for bytes that a test has written itself. */
export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** A connection to an API, on which a test says just what it wants to. */
export class RawHttp {
  readonly socket: Socket
  readonly #text: Promise<string>

  private constructor(socket: Socket) {
    this.socket = socket
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', () => {})
    this.#text = new Promise((resolve) => {
      socket.once('close', () => resolve(text))
    })
  }

  static async connect({ url }: Pick<ControlApi, 'url'>): Promise<RawHttp> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''))
    await once(socket, 'connect')
    return new RawHttp(socket)
  }

  write(...lines: string[]): void {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(''))
  }

  /** What the server has said when it has closed. */
  async answer(): Promise<RawAnswer> {
    const text = await this.#text
    const [, status = '0'] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? []
    const end = text.indexOf('\r\n\r\n')
    return { status: Number(status), head: text.slice(0, end), body: text.slice(end + 4) }
  }

  /** Resolves when the server has said something. */
  async spoken(): Promise<void> {
    await once(this.socket, 'data')
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

/** Sends the head of a request, which is all of it, and gives what comes back. */
export async function rawRequest(api: Pick<ControlApi, 'url'>, ...lines: string[]): Promise<RawAnswer> {
  using http = await RawHttp.connect(api)
  http.write(...lines, 'Connection: close', '')
  return await http.answer()
}
