import { isMainThread } from 'node:worker_threads'
import type { Koffi } from './koffi.ts'
import { isKnownLinux, LateCalls } from './late-calls.ts'

/** A connection that was accepted: its descriptor, and who is at its other end. */
export interface AcceptedConnection {
  readonly fd: number
  readonly remoteAddress: string
  readonly remotePort: number
}

/**
 * TCP over IPv4 by calls into the kernel, none of which waits. For connections so short that an object of Node's for each
 * would cost more than all that is done with them.
 */
export interface SystemSockets {
  /** Listens on a port of an IPv4 address, 0 being any; `undefined` when that cannot be. */
  listen(host: string, port: number): { readonly fd: number; readonly port: number } | undefined
  /** Has a descriptor listen no more, connections that wait being reset; `false` where that cannot be. */
  rest(fd: number): boolean
  /** Has one that listened on any port listen again, on another one; `undefined` when that cannot be. */
  listenAgain(fd: number): number | undefined
  /** The next connection that waits at a listening descriptor. */
  accept(fd: number): AcceptedConnection | undefined
  /**
   * Sends so many bytes of a buffer; answers with how many were taken, or with the system’s error number, negated. What
   * fills no packet waits a moment for more, or for the end.
   */
  send(fd: number, bytes: Buffer, count: number): number
  /** Says that nothing more will be sent. */
  end(fd: number): void
  /** Reads into a buffer; answers with the number of bytes, 0 at the end, or the system’s error number, negated. */
  receive(fd: number, into: Buffer): number
  close(fd: number): void
}

/** Asked for so many times, they are worth the time that loading takes. */
const WORTHWHILE = 20

const AF_INET = 2
const SOCK_STREAM = 1
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const MSG_NOSIGNAL = 0x4000
const MSG_MORE = 0x8000
const SHUT_RD = 0
const SHUT_WR = 1
const ADDRESS_BYTES = 16
const BACKLOG = 128

const calls = new LateCalls(WORTHWHILE, () => isMainThread && isKnownLinux(), bind)

/**
 * `undefined` on systems other than Linux, and where koffi is not installed; in a thread too, which can be ended by force,
 * and nobody would know of the descriptors that it leaves.
 */
export function loadSystemSockets(): Promise<SystemSockets | undefined> {
  return calls.load()
}

/** What `loadSystemSockets` gives, once they have been asked for often and are loaded. */
export function systemSocketsWhenWorthwhile(): SystemSockets | undefined {
  return calls.ifLoaded()
}

function bind(koffi: Koffi): SystemSockets {
  const library = koffi.load(null)
  const close = library.func('int close(int)')
  const send = library.func('long send(int, void *, size_t, int)')
  const recv = library.func('long recv(int, void *, size_t, int)')
  const shutdown = library.func('int shutdown(int, int)')
  const result = (count: number) => (count < 0 ? -koffi.errno() : count)
  return {
    ...bindListening(library, close),
    // Linux frees the port with it, unless that was asked for by its number.
    rest: (fd) => shutdown(fd, SHUT_RD) === 0,
    send: (fd, bytes, count) => result(Number(send(fd, bytes, count, MSG_NOSIGNAL | MSG_MORE))),
    end: (fd) => void shutdown(fd, SHUT_WR),
    receive: (fd, into) => result(Number(recv(fd, into, into.length, 0))),
    close: (fd) => void close(fd),
  }
}

function bindListening(
  library: ReturnType<Koffi['load']>,
  close: (fd: number) => number,
): Pick<SystemSockets, 'listen' | 'listenAgain' | 'accept'> {
  const socket = library.func('int socket(int, int, int)')
  const setsockopt = library.func('int setsockopt(int, int, int, void *, uint32_t)')
  const bind = library.func('int bind(int, void *, uint32_t)')
  const listen = library.func('int listen(int, int)')
  const getsockname = library.func('int getsockname(int, void *, void *)')
  const accept4 = library.func('int accept4(int, void *, void *, int)')
  const on = Buffer.from(new Int32Array([1]).buffer)
  // struct sockaddr_in, and its length as the calls want it.
  const address = Buffer.alloc(ADDRESS_BYTES)
  const length = new Uint32Array(1)
  const opens = (fd: number) =>
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on, on.length) === 0 &&
    bind(fd, address, ADDRESS_BYTES) === 0 &&
    listen(fd, BACKLOG) === 0 &&
    getsockname(fd, address, length) === 0
  return {
    listen: (host, port) => {
      const fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
      if (fd < 0) return undefined
      putAddress(address, host, port)
      length[0] = ADDRESS_BYTES
      if (opens(fd)) return { fd, port: address.readUInt16BE(2) }
      close(fd)
      return undefined
    },
    listenAgain: (fd) => {
      length[0] = ADDRESS_BYTES
      return listen(fd, BACKLOG) === 0 && getsockname(fd, address, length) === 0 ? address.readUInt16BE(2) : undefined
    },
    accept: (listener) => {
      length[0] = ADDRESS_BYTES
      const fd = accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC)
      if (fd < 0) return undefined
      const remoteAddress = `${address[4]}.${address[5]}.${address[6]}.${address[7]}`
      return { fd, remoteAddress, remotePort: address.readUInt16BE(2) }
    },
  }
}

function putAddress(address: Buffer, host: string, port: number): void {
  address.fill(0)
  // The family is in the machine's own byte order, which is little-endian wherever this runs.
  address.writeUInt16LE(AF_INET, 0)
  address.writeUInt16BE(port, 2)
  host.split('.').forEach((part, index) => void address.writeUInt8(Number(part), 4 + index))
}
