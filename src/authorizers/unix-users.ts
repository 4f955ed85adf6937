import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { AuthorizerError } from './errors.ts'
import type { SystemUsers } from './system-authorizer.ts'
import type { UnixIdentity } from './unix-impersonation.ts'

/** A line of passwd(5). */
export interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/** A user as he was at his last login, with the groups he is in. */
export interface UnixAccount extends PasswdEntry, UnixIdentity {}

/** Not the server's own search path: what runs here runs as root. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
/** More than a directory service takes that answers at all, and less than the patience of most clients at a login. */
const PROGRAM_LIMIT_MS = 10_000
/** In the machine's time, which is the program's. SIGKILL, as PAM's helper ignores what is more polite. */
const LIMITS = { timeout: PROGRAM_LIMIT_MS, killSignal: 'SIGKILL' } as const
/** What `setuid` and its like take for "leave it as it is", which would be root. */
const NO_ID = 0xffffffff

/** The users of the system: those in /etc/passwd, and those that a directory service knows (`getent`). */
export class UnixUsers implements SystemUsers {
  readonly #accounts = new Map<string, UnixAccount>()

  has(username: string): boolean {
    return findNow(username) !== undefined
  }

  plainName(username: string): string {
    return username
  }

  homeDir(username: string): string {
    const home = (this.#accounts.get(username) ?? findNow(username))?.home
    if (home === undefined) throw new AuthorizerError(`no such user: '${username}'`)
    return home
  }

  /** The user's login shell; `undefined` for an unknown user. */
  shell(username: string): string | undefined {
    return findNow(username)?.shell
  }

  /** Whether there is such a user, found out without halting the server. */
  async exists(username: string, until?: AbortSignal): Promise<boolean> {
    return (await find(username, until)) !== undefined
  }

  /** Asks the system anew, without halting the server. `undefined` for an unknown user. */
  async lookUp(username: string, until?: AbortSignal): Promise<UnixAccount | undefined> {
    const entry = await find(username, until)
    if (entry === undefined) return undefined
    const account = { ...entry, groups: await groupsOf(entry, until) }
    this.#accounts.set(username, account)
    return account
  }

  /** The user as he was looked up last. */
  known(username: string): UnixAccount | undefined {
    return this.#accounts.get(username)
  }
}

/** What a program of the system can be given. */
export interface ProgramOptions {
  /** What it reads. Default: ''. */
  readonly input?: string
  /** Aborted when nobody waits for it any more. Default: none. */
  readonly until?: AbortSignal | undefined
}

/** Runs a program of the system. Rejects with `AuthorizerError` when it hangs, and ends it then. */
export function runProgram(
  program: string,
  args: readonly string[],
  { input = '', until }: ProgramOptions = {},
): Promise<{ readonly status: number | undefined; readonly output: string }> {
  return new Promise((resolve, reject) => {
    until?.throwIfAborted()
    const child = execFile(program, args, { env: ENVIRONMENT, cwd: '/', ...LIMITS }, (error, output) => {
      until?.removeEventListener('abort', end)
      const status = error === null ? 0 : error.code
      if (until?.aborted) reject(until.reason)
      else if (error?.killed) reject(hanging(program))
      else if (typeof status === 'string') reject(error)
      else resolve({ status: status ?? undefined, output })
    })
    // Given the signal, Node 20 would send SIGTERM.
    const end = () => child.kill(LIMITS.killSignal)
    until?.addEventListener('abort', end)
    // It may end before it has read all.
    child.stdin?.on('error', () => {}).end(input)
  })
}

function hanging(program: string): AuthorizerError {
  return new AuthorizerError(`${program} did not end within ${PROGRAM_LIMIT_MS / 1000} seconds`)
}

/** The entry of a user in the text of a password file; `undefined` too where his line is not a sound one. */
export function passwdEntry(text: string, username: string): PasswdEntry | undefined {
  // Compared in full: `getent` also finds users by their numbers, and some services whatever the case of letters.
  const fields = text.split('\n').map((line) => line.split(':'))
  const [name = '', , uid = '', gid = '', , home = '', shell] = fields.find(([first]) => first === username) ?? []
  if (name === '' || home === '' || !isId(uid) || !isId(gid)) return undefined
  // passwd(5): an empty field stands for /bin/sh.
  return { name, uid: Number(uid), gid: Number(gid), home, shell: shell || '/bin/sh' }
}

function isId(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) < NO_ID
}

function isUserName(username: string): boolean {
  return !/[:/\p{Cc}]/u.test(username) && !username.startsWith('-')
}

function findNow(username: string): PasswdEntry | undefined {
  if (!isUserName(username)) return undefined
  return findInFile(username) ?? passwdEntry(getentNow(username), username)
}

async function find(username: string, until?: AbortSignal): Promise<PasswdEntry | undefined> {
  if (!isUserName(username)) return undefined
  return findInFile(username) ?? passwdEntry(await getent(username, until), username)
}

function findInFile(username: string): PasswdEntry | undefined {
  return passwdEntry(readFileSync('/etc/passwd', 'utf8'), username)
}

async function getent(username: string, until?: AbortSignal): Promise<string> {
  try {
    return (await runProgram('getent', ['passwd', username], { until })).output
  } catch (error) {
    return withoutGetent(error)
  }
}

function getentNow(username: string): string {
  const options = { env: ENVIRONMENT, cwd: '/', ...LIMITS, encoding: 'utf8' } as const
  const { error, stdout } = spawnSync('getent', ['passwd', username], options)
  if (error === undefined) return stdout
  return withoutGetent((error as NodeJS.ErrnoException).code === 'ETIMEDOUT' ? hanging('getent') : error)
}

/** Where there is no such program there is no such service either; all else that is wrong with it is thrown. */
function withoutGetent(error: unknown): string {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
  throw error
}

async function groupsOf({ name, gid }: PasswdEntry, until?: AbortSignal): Promise<number[]> {
  const { status, output } = await runProgram('id', ['-G', name], { until })
  const groups = output.trim().split(' ')
  if (status !== 0 || !groups.every(isId)) throw new AuthorizerError(`cannot tell the groups of '${name}'`)
  return [...new Set([gid, ...groups.map(Number)])]
}
