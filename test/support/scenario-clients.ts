import { Readable, Writable } from 'node:stream'
import { Client } from 'basic-ftp'
import type { FtpFixture } from '../../src/index.ts'
import { type ClientDirectory, linesIn, runTool, urlOf } from './clients.ts'

/** How long a client waits for something that may be slow to come on a busy machine, and for what never comes. */
const PATIENT_MS = 15_000
const IMPATIENT_MS = 800

/** basic-ftp, as its users use it: a session that is opened when needed, and again when it was lost. */
export class BasicFtp {
  client = new Client(PATIENT_MS)
  #isLoggedIn = false
  readonly #ftp: FtpFixture

  constructor(ftp: FtpFixture) {
    this.#ftp = ftp
  }

  /** Logs in, unless a session is there; `impatient` clients wait for less than a second. */
  async ready(impatient: boolean): Promise<void> {
    const timeout = impatient ? IMPATIENT_MS : PATIENT_MS
    if (this.#isLoggedIn && !this.client.closed) {
      Object.assign(this.client.ftp, { timeout })
      return
    }
    this.#isLoggedIn = false
    this.client.close()
    this.client = new Client(timeout)
    const { host, port, username: user, password, ca } = this.#ftp
    const secure = ca === undefined ? {} : { secure: true, secureOptions: { ca } }
    await this.client.access({ host, port, user, password, ...secure })
    this.#isLoggedIn = true
  }

  async download(file: string, startAt = 0): Promise<Buffer> {
    const chunks: Buffer[] = []
    const into = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk)
        done()
      },
    })
    await this.client.downloadTo(into, file, startAt)
    return Buffer.concat(chunks)
  }

  async upload(content: Uint8Array, file: string): Promise<void> {
    await this.client.uploadFrom(Readable.from([content]), file)
  }

  /** The names in a directory. */
  async list(directory: string): Promise<string[]> {
    return (await this.client.list(directory)).map(({ name }) => name)
  }

  /** The last one's reply. */
  async say(...lines: readonly string[]): Promise<string> {
    let last = ''
    for (const line of lines) last = (await this.client.send(line)).message
    return last
  }
}

/** curl: a session for each run. */
export class Curl {
  readonly #ftp: FtpFixture
  readonly #local: ClientDirectory
  readonly #options: readonly string[]
  isImpatient = false

  constructor(ftp: FtpFixture, local: ClientDirectory, options: readonly string[]) {
    this.#ftp = ftp
    this.#local = local
    this.#options = options
  }

  /** Downloads a path, or lists it where it ends in `/`. */
  async download(file: string, ...options: readonly string[]): Promise<Buffer> {
    const output = await this.#local.write('download', '')
    await this.#run(file, '--output', output, ...options)
    return this.#local.read('download')
  }

  /** Downloads what is missing behind what is there. */
  async resume(file: string, there: Uint8Array): Promise<Buffer> {
    await this.#run(file, '--output', await this.#local.write('half', there), '--continue-at', '-')
    return this.#local.read('half')
  }

  async upload(content: Uint8Array, file: string): Promise<void> {
    await this.#run(file, '--upload-file', await this.#local.write('upload', content))
  }

  /** What of a directory's listing is names. */
  async list(directory: string, ...options: readonly string[]): Promise<string[]> {
    const listing = await this.download(directory, '--list-only', ...options)
    return linesIn(String(listing))
  }

  /** Sends commands, of which each has to be granted, then ends. */
  async say(...lines: readonly string[]): Promise<void> {
    await this.#run('/', '--head', ...lines.flatMap((line) => ['--quote', line]))
  }

  async #run(file: string, ...args: readonly string[]): Promise<void> {
    const { username, password, host, ca } = this.#ftp
    const trust = ca === undefined ? [] : ['--ssl-reqd', '--cacert', await this.#local.write('ca.pem', ca)]
    const { status, stderr } = await runTool('curl', [
      ...['--disable', '--silent', '--show-error', '--noproxy', '*', '--globoff'],
      ...['--max-time', String((this.isImpatient ? 2.5 * IMPATIENT_MS : PATIENT_MS) / 1000)],
      ...['--user', `${username}:${password}`, ...trust],
      // curl 7.88 sleeps for a second when EPSV is the first command of a transfer and its reply is there at once.
      ...['--quote', 'NOOP', ...this.#options, ...args, urlOf(this.#ftp, host, file.slice(1))],
    ])
    if (status !== 0) throw new Error(stderr.trim() || `curl: (${status})`)
  }
}
