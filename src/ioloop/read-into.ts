import { Socket } from 'node:net'

/** Where the bytes of a socket go. */
export interface ReadTarget {
  /** The place for what comes next, never empty; asked at first, and after each `took`. */
  room(): Buffer
  /** Told how many bytes have come; `false` stops the reading until the socket is resumed. */
  took(count: number): boolean
}

type Named = Record<symbol, unknown>

/** By these, `net.Socket` itself knows the buffer that its documented option `onread` gave to a socket that connects. */
let symbols: readonly (symbol | undefined)[] | undefined

/**
 * Has a socket read into buffers of the caller's, as `onread` does it for sockets that connect, but for accepted and
 * encrypted ones too. What it has read before is to be had by `read` still. `false` where Node has no such thing.
 */
export function readInto(socket: Socket, target: ReadTarget): boolean {
  symbols ??= ['kBuffer', 'kBufferCb', 'kBufferGen'].map(symbolNamed)
  const [BUFFER, CALLBACK, GENERATOR] = symbols
  const { _handle: handle } = socket as { _handle?: { useUserBuffer?(buffer: Buffer): void } | null }
  if (handle?.useUserBuffer === undefined || !BUFFER || !CALLBACK || !GENERATOR) return false
  const buffer = target.room()
  const named = socket as unknown as Named
  named[BUFFER] = buffer
  named[CALLBACK] = (count: number) => target.took(count)
  named[GENERATOR] = () => target.room()
  handle.useUserBuffer(buffer)
  return true
}

/** Large enough for what a socket reads at once. */
const SHARED = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * Has a socket hand out what it reads without a buffer of its own for each time, which is made for thousands of times as
 * much as a command has. `false` where Node has no such thing.
 */
export function readCopies(socket: Socket, take: (chunk: Buffer) => void): boolean {
  const took = (count: number) => {
    take(Buffer.from(SHARED.subarray(0, count)))
    return true
  }
  return readInto(socket, { room: () => SHARED, took })
}

function symbolNamed(name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(new Socket()).find(({ description }) => description === name)
}
