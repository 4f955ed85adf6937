import { timingSafeEqual } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { RealClock } from '../ioloop/clock.ts'
import { isKoffiInstalled, type Koffi, loadKoffi } from '../native/koffi.ts'
import { AuthorizerError } from './errors.ts'
import { isLockedOut, shadowEntry } from './unix-shadow.ts'
import { runProgram } from './unix-users.ts'

/** Whether a password is the user's, and his account one that may be entered. The signal says that nobody waits any more. */
export type PasswordCheck = (username: string, password: string, until?: AbortSignal) => Promise<boolean>

/** PAM's own helper, which knows every kind of hash that the system does. */
const HELPERS = ['/usr/sbin/unix_chkpwd', '/sbin/unix_chkpwd', '/usr/lib/unix_chkpwd']
const LIBRARIES = ['libcrypt.so.1', 'libcrypt.so.2']
/** As large as the largest `struct crypt_data` there is, that of glibc. */
const CRYPT_DATA_BYTES = 131_232
const MS_PER_DAY = 86_400_000
/** PAM's numbers for: success, authentication failed, information unavailable, user unknown. */
const RIGHT = 0
const WRONG = [7, 9, 10]
const NO_WAY = 'cannot check passwords: neither unix_chkpwd (PAM) nor koffi with libcrypt is installed'

/** Throws `AuthorizerError` where it shows at once, before there is anything to load, that passwords cannot be checked. */
export function requirePasswordCheck(): void {
  if (findHelper(HELPERS) === undefined && !isKoffiInstalled()) throw new AuthorizerError(NO_WAY)
}

/** How this system checks passwords; throws `AuthorizerError` where it cannot. */
export async function loadPasswordCheck(
  helpers: readonly string[] = HELPERS,
  load: typeof loadKoffi = loadKoffi,
): Promise<PasswordCheck> {
  const helper = findHelper(helpers)
  const check = helper === undefined ? bindCrypt(await load()) : asking(helper)
  if (check === undefined) throw new AuthorizerError(NO_WAY)
  // What is behind a NUL would not be looked at.
  return async (username, password, until) => !password.includes('\0') && check(username, password, until)
}

function findHelper(helpers: readonly string[]): string | undefined {
  return helpers.find((path) => existsSync(path))
}

function asking(helper: string): PasswordCheck {
  return async (username, password, until) => {
    // Who has an empty password on this machine must not be let in from another one: not `nullok`.
    const { status } = await runProgram(helper, [username, 'nonull'], { input: `${password}\0`, until })
    if (status !== RIGHT && !WRONG.includes(status ?? -1))
      throw new AuthorizerError(`${helper} ended with status ${status}`)
    if (status !== RIGHT) return false
    return (await runProgram(helper, [username, 'chkexpiry'], { until })).status === RIGHT
  }
}

function bindCrypt(koffi: Koffi | undefined): PasswordCheck | undefined {
  const crypt = koffi && loadCrypt(koffi)
  return (
    crypt &&
    (async (username, password) => {
      // Read at once: in another thread it might be read as somebody else.
      const entry = shadowEntry(readFileSync('/etc/shadow', 'utf8'), username)
      if (entry === undefined || isLockedOut(entry, Math.floor(new RealClock().now() / MS_PER_DAY))) return false
      const hash = await crypt(password, entry.hash)
      return hash !== null && same(Buffer.from(hash), Buffer.from(entry.hash))
    })
  )
}

type Crypt = (password: string, hash: string) => Promise<string | null>

/** The first library that is there. Hashing takes its time, so it has a thread, and so its own memory, for each call. */
function loadCrypt(koffi: Koffi): Crypt | undefined {
  for (const library of LIBRARIES) {
    try {
      const crypt = koffi.load(library).func('const char *crypt_r(const char *, const char *, void *)')
      const call = promisify(crypt.async)
      return (password, hash) => call(password, hash, Buffer.alloc(CRYPT_DATA_BYTES)) as Promise<string | null>
    } catch {
      // Not this one.
    }
  }
  return undefined
}

function same(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
