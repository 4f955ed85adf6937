import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, expect, vi } from 'vitest'
import { type FileDescription, type FtpFixture, randomBytes } from '../../src/index.ts'
import { DTPHandler, type Route, type Stage } from '../../src/server.ts'
import { isExecutable } from './executable.ts'

/** A client that hangs is killed before the test's own time is up, so that its output is seen. */
const TOOL_TIMEOUT_MS = 25_000

/** How a program ended, and what it said. */
export interface ToolResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ToolOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Skips the tests of a file, with a message, when a program is not installed; throws on CI, where it has to be. */
export function requireTool(name: string): void {
  if (isInstalled(name)) return
  const message = `${name} is not installed`
  if (process.env.CI === 'true') throw new Error(message)
  beforeEach(({ skip }) => skip(message))
}

/** A program that runs beside the server, which is in this process. */
export class Tool {
  readonly #child
  /** Resolves when the program has ended and all its output is read. */
  readonly finished: Promise<ToolResult>

  constructor(command: string, args: readonly string[], { cwd, env }: ToolOptions = {}) {
    const child = spawn(command, args, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
      timeout: TOOL_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    this.#child = child
    // The program may be gone before it has read all its input.
    child.stdin.on('error', () => {})
    this.finished = this.#collect()
  }

  /** Gives it input, and no end of it. */
  write(input: Uint8Array): void {
    this.#child.stdin.write(input)
  }

  /** Ends its input. */
  end(input = ''): void {
    this.#child.stdin.end(input)
  }

  /** Resolves when it says something. */
  async output(): Promise<void> {
    await once(this.#child.stdout, 'data')
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.finished
  }

  async #collect(): Promise<ToolResult> {
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      this.#child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text
      })
    }
    const [status] = (await once(this.#child, 'close')) as [number | null]
    return { status, ...texts }
  }
}

/** Runs a program without input to its end. */
export async function runTool(command: string, args: readonly string[], options?: ToolOptions): Promise<ToolResult> {
  const tool = new Tool(command, args, options)
  tool.end()
  return tool.finished
}

/** What a program prints; throws, with all that it said, when it fails. */
export async function outputOf(command: string, args: readonly string[], options?: ToolOptions): Promise<string> {
  const { status, stdout, stderr } = await runTool(command, args, options)
  if (status !== 0) throw new Error(`${command} ended with status ${status}:\n${stdout}${stderr}`)
  return stdout
}

/** A directory for the files of a client, gone at the end of the block. */
export class ClientDirectory {
  readonly path: string

  private constructor(directory: string) {
    this.path = directory
  }

  static async create(): Promise<ClientDirectory> {
    return new ClientDirectory(await mkdtemp(path.join(tmpdir(), 'ftp-client-')))
  }

  file(name: string): string {
    return path.join(this.path, name)
  }

  /** Writes a file and gives its path. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(this.file(name), content)
    return this.file(name)
  }

  read(name: string): Promise<Buffer> {
    return readFile(this.file(name))
  }

  async list(): Promise<string[]> {
    return (await readdir(this.path)).sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** Small files of every kind; the line ends of the text must survive a transfer in TYPE I. */
export const samples: Readonly<Record<string, Buffer>> = {
  'text.txt': Buffer.from('first line\nsecond line\r\nGrüße\rend'),
  'binary.bin': Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes('300KiB')]),
  'empty.bin': Buffer.alloc(0),
}

/** Lines of a text, whatever its line ends. */
export function linesIn(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '')
}

/** A file larger than all buffers on the way. */
export const big = { size: '100MiB', seed: 42 } as const satisfies FileDescription

export function bigContent(): Buffer {
  return randomBytes(big.size, { seed: big.seed })
}

/** The SHA-256 of bytes: quick to compare, and short where they differ. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Resolves when the server has written at least so many bytes of a file that is being uploaded. */
export async function arrived(ftp: FtpFixture, file: string, bytes: number): Promise<void> {
  const size = () => statSync(ftp.files.path(file), { throwIfNoEntry: false })?.size ?? 0
  await vi.waitUntil(() => size() >= bytes, { timeout: 10_000, interval: 5 })
}

/** Bytes of an upload that a `StallingDTPHandler` takes. */
export const STALL_AFTER = 1024 * 1024

/**
 * Takes the beginning of an upload and leaves the rest unread. Linux closes the data connection of a killed client
 * before its control connection: a server that has read all by then sees an orderly end of the file.
 */
export class StallingDTPHandler extends DTPHandler {
  override stages(route: Route): readonly Stage[] {
    return 'receive' in route ? [stall] : []
  }
}

async function* stall(chunks: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  let taken = 0
  for await (const chunk of chunks) {
    yield chunk
    taken += chunk.length
    if (taken >= STALL_AFTER) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }
}

/** Names of 10,000 files, sorted. */
const manyNames: readonly string[] = Array.from({ length: 10_000 }, (_, i) => `file-${10_000 + i}.txt`)

/** A directory `many` with 10,000 files in it. */
export const manyFiles: Readonly<Record<string, string>> = Object.fromEntries(
  manyNames.map((name) => [`many/${name}`, 'x\n']),
)

/** Checks that a listing has all of `manyNames` and nothing else; the difference of two such lists is unreadable. */
export function expectManyNames(names: readonly (string | undefined)[]): void {
  expect(names).toHaveLength(manyNames.length)
  expect(names.findIndex((name, i) => name !== manyNames[i])).toBe(-1)
}

type DataPortVerb = 'PASV' | 'EPSV' | 'PORT' | 'EPRT'

/** A way to a data connection: where the server listens, where the client connects to, and what it asks with. */
export interface Way {
  readonly listen: string
  readonly connect: string
  readonly verb: DataPortVerb
}

/** Every way there is: IPv4, IPv6 and both at once. */
export const ways: readonly Way[] = [
  ...waysOver('127.0.0.1', ['127.0.0.1', '::'], ['PASV', 'EPSV', 'PORT', 'EPRT']),
  ...waysOver('::1', ['::1', '::'], ['EPSV', 'EPRT']),
]

/** Checks that a client has used this way and no other one. */
export function expectWay(ftp: FtpFixture, { verb, connect }: Way): void {
  const used = ['PASV', 'EPSV', 'PORT', 'EPRT'].filter((name) => ftp.transcript.commands({ verb: name }).length > 0)
  expect(used).toEqual([verb])
  const opened = ftp.transcript.events.filter((event) => event.type === 'data-open')
  const mode = verb === 'PASV' || verb === 'EPSV' ? 'passive' : 'active'
  expect(new Set(opened.map((event) => `${event.mode} ${event.remoteAddress}`))).toEqual(
    new Set([`${mode} ${connect}`]),
  )
}

/** The verbs and arguments a client has sent, but for those that are not asked for. */
export function linesOf(ftp: FtpFixture, ...verbs: string[]): string[] {
  return ftp.transcript
    .commands()
    .filter(({ verb }) => verbs.includes(verb))
    .map(({ line }) => line)
}

/** The name of a path's file on the wire, for clients that take URLs. */
export function urlOf({ port }: FtpFixture, host: string, file: string): string {
  const encoded = file.split('/').map(encodeURIComponent).join('/')
  return `ftp://${host.includes(':') ? `[${host}]` : host}:${port}/${encoded}`
}

function waysOver(connect: string, listens: readonly string[], verbs: readonly DataPortVerb[]): Way[] {
  return listens.flatMap((listen) => verbs.map((verb) => ({ listen, connect, verb })))
}

export function isInstalled(name: string): boolean {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : ['']
  const directories = (process.env.PATH ?? '').split(path.delimiter)
  return directories.some((directory) =>
    extensions.some((extension) => isExecutable(path.join(directory, name + extension))),
  )
}
