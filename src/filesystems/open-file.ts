import {
  closeSync,
  constants as fsConstants,
  fstatSync,
  ftruncate,
  ftruncateSync,
  openSync,
  read,
  write,
} from 'node:fs'
import { promisify } from 'node:util'
import type { Awaitable } from '../authorizers/authorizer.ts'
import { FilesystemError } from './errors.ts'
import { LARGE_BYTES } from './large-files.ts'

/** How a file is opened: to read, to replace, to change in place, to add to, or to make anew where nothing is. */
export type OpenMode = 'r' | 'w' | 'r+' | 'a' | 'wx'

/** A file while it is sent or received. */
export interface OpenFile {
  /** Its path as the client sees it. */
  readonly path: string
  /** Its size in bytes when it was opened. */
  readonly size: number
  /** The descriptor, where it is a file of the host; lets a plain transfer do without `read` and `write`. */
  readonly fd?: number
  /** Whether writes go to the end, wherever that is by then. */
  readonly appends?: boolean
  /** Puts the next read or write at an offset from the start. */
  seek(offset: number): void
  /** Fills a buffer from where the last read ended; answers with the number of bytes read, 0 at the end. */
  read(into: Buffer): Awaitable<number>
  /** Writes all bytes behind those written last. */
  write(bytes: Buffer): Awaitable<void>
  close(): Awaitable<void>
}

const readAsync = promisify(read)
const writeAsync = promisify(write)
const truncateAsync = promisify(ftruncate)

const FLAGS: Readonly<Record<OpenMode, number>> = {
  r: fsConstants.O_RDONLY,
  w: fsConstants.O_WRONLY | fsConstants.O_CREAT | fsConstants.O_TRUNC,
  'r+': fsConstants.O_RDWR,
  a: fsConstants.O_WRONLY | fsConstants.O_CREAT | fsConstants.O_APPEND,
  wx: fsConstants.O_WRONLY | fsConstants.O_CREAT | fsConstants.O_EXCL,
}

/** Set-user-id and set-group-id. */
const SET_ID_BITS = 0o6000

interface HostFileOptions {
  /** Opens a path of the host, as `openSync` does. */
  readonly open?: (hostPath: string, flags: number, mode: number) => number
  readonly leavesLarge?: boolean
}

/** A regular file of the host. */
export class HostFile implements OpenFile {
  readonly path: string
  readonly fd: number
  readonly size: number
  readonly appends: boolean
  #position: number | null
  readonly #isLeft: boolean

  /**
   * Opens at once, without a thread in between; throws the system's error, or `FilesystemError` for a device or the like.
   * What a large file held that is to be replaced may be left in it, until `emptied` is asked for.
   */
  constructor(path: string, hostPath: string, mode: OpenMode, options: HostFileOptions = {}) {
    const { open = openSync, leavesLarge = false } = options
    this.path = path
    const leaves = leavesLarge && mode === 'w'
    const flags = leaves ? FLAGS[mode] & ~fsConstants.O_TRUNC : FLAGS[mode]
    // Without O_NONBLOCK, opening a FIFO would halt the whole process until somebody opens its other end.
    this.fd = open(hostPath, flags | (fsConstants.O_NONBLOCK ?? 0), 0o666)
    const stat = fstatSync(this.fd)
    if (!stat.isFile()) {
      closeSync(this.fd)
      throw new FilesystemError('Not a regular file.')
    }
    // What follows is written as the server. A write of the user's own would take away the right to run as the owner.
    const runsAsOwner = (stat.mode & SET_ID_BITS) !== 0
    this.#isLeft = leaves && stat.size >= LARGE_BYTES && !runsAsOwner
    if (leaves && !this.#isLeft) this.#truncate(0)
    else if (runsAsOwner && (mode === 'r+' || mode === 'a')) this.#truncate(stat.size)
    this.size = mode === 'w' ? 0 : stat.size
    this.appends = mode === 'a'
    this.#position = this.appends ? null : 0
  }

  /** The file, once nothing is left in it that is to be replaced; closed when that fails. */
  emptied(): Awaitable<this> {
    return this.#isLeft ? this.#empty() : this
  }

  seek(offset: number): void {
    this.#position = offset
  }

  async read(into: Buffer): Promise<number> {
    const { bytesRead } = await readAsync(this.fd, into, 0, into.length, this.#position)
    this.#advance(bytesRead)
    return bytesRead
  }

  async write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await writeAsync(this.fd, bytes, done, bytes.length - done, this.#position)
      this.#advance(bytesWritten)
      done += bytesWritten
    }
  }

  /** At once, since a thread in between would cost more than sending a small file does. */
  close(): void {
    closeSync(this.fd)
  }

  async #empty(): Promise<this> {
    try {
      await truncateAsync(this.fd)
    } catch (error) {
      closeSync(this.fd)
      throw error
    }
    return this
  }

  /** At once, also where the size stays: the time of modification changes. */
  #truncate(size: number): void {
    try {
      ftruncateSync(this.fd, size)
    } catch (error) {
      closeSync(this.fd)
      throw error
    }
  }

  #advance(count: number): void {
    if (this.#position !== null) this.#position += count
  }
}
