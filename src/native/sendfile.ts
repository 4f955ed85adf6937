import type { Koffi } from './koffi.ts'
import { LateCalls } from './late-calls.ts'

/**
 * Has the kernel send a piece of a file over a socket, from an offset on. Answers with the number of bytes sent, 0 at
 * the end of the file, or the system's error number, negated.
 */
export type Sendfile = (socketFd: number, fileFd: number, position: number, count: number) => number

const calls = new LateCalls(1, () => process.platform === 'linux', bind)

/** Linux's sendfile(2); `undefined` on other systems, and where koffi is not installed. */
export function loadSendfile(): Promise<Sendfile | undefined> {
  return calls.load()
}

/** What `loadSendfile` gives, without waiting for it: the first call begins to load, and `undefined` comes until then. */
export function sendfileIfLoaded(): Sendfile | undefined {
  return calls.ifLoaded()
}

function bind(koffi: Koffi): Sendfile | undefined {
  // Where a long has 32 bits, sendfile(2) does not reach beyond 2 GiB.
  if (koffi.sizeof('long') < 8) return undefined
  const sendfile = koffi.load(null).func('long sendfile(int, int, void *, size_t)')
  // An offset of its own rather than that of the descriptor, of which somebody else may have a copy.
  const offset = new BigInt64Array(1)
  return (socketFd, fileFd, position, count) => {
    offset[0] = BigInt(position)
    const sent = Number(sendfile(socketFd, fileFd, offset, count))
    return sent < 0 ? -koffi.errno() : sent
  }
}
