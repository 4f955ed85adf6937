import { closeSync, constants } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import type { Koffi } from './koffi.ts'
import { isKnownLinux, LateCalls } from './late-calls.ts'
import { systemError } from './system-error.ts'

/** Opens a path of which no part may be a symbolic link; throws the system's error, ELOOP where one is. */
export type OpenWithoutLinks = (path: string, flags: number, mode: number) => number

/** Linux's own number of the call, for which no C library has a function. */
const OPENAT2 = 437
const AT_FDCWD = -100
const RESOLVE_NO_SYMLINKS = 4
const O_CLOEXEC = 0o2000000
const HOW_BYTES = 24
/** Asked for so many times, it is worth the time that loading takes. */
const WORTHWHILE = 100

// Not in a thread, where node:fs warns of a descriptor to close that it did not open.
const calls = new LateCalls(WORTHWHILE, () => isMainThread && isKnownLinux(), bind)

/** Linux's openat2(2); `undefined` on other systems, in threads, and where koffi is not installed. */
export function loadOpenWithoutLinks(): Promise<OpenWithoutLinks | undefined> {
  return calls.load()
}

/** What `loadOpenWithoutLinks` gives, once it has been asked for often and is loaded. */
export function openWithoutLinksWhenWorthwhile(): OpenWithoutLinks | undefined {
  return calls.ifLoaded()
}

function bind(koffi: Koffi): OpenWithoutLinks | undefined {
  const openat2 = koffi.load(null).func('long syscall(long, long, const char *, size_t, size_t)')
  // struct open_how: flags, mode and resolve, of 64 bits each, of which the lower half comes first and has all there is.
  const how = new Uint32Array([0, 0, 0, 0, RESOLVE_NO_SYMLINKS, 0])
  const address = Number(koffi.address(how))
  const open: OpenWithoutLinks = (path, flags, mode) => {
    how[0] = flags | O_CLOEXEC
    // The kernel refuses a mode for what is not made.
    how[2] = (flags & constants.O_CREAT) === 0 ? 0 : mode
    const fd = Number(openat2(OPENAT2, AT_FDCWD, path, address, HOW_BYTES))
    if (fd < 0) throw systemError('openat2', -koffi.errno())
    return fd
  }
  return isAllowed(open) ? open : undefined
}

/** Linux before 5.6 does not have the call, and a sandbox may forbid it. */
function isAllowed(open: OpenWithoutLinks): boolean {
  try {
    closeSync(open('/', constants.O_RDONLY, 0))
    return true
  } catch {
    return false
  }
}
