import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const MIB = 2 ** 20

/** Who owns the files: the account that forking servers serve them as. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** The files that all servers serve, in memory where the system has a place for that. */
export class Storage {
  readonly root: string
  readonly isInMemory: boolean

  constructor() {
    this.isInMemory = existsSync('/dev/shm')
    this.root = mkdtempSync(path.join(this.isInMemory ? '/dev/shm' : tmpdir(), 'ftp-bench-'))
    process.on('exit', () => this.remove())
  }

  /** Makes the files; `owner` gets them, where servers need that. */
  fill({ mb, files }: { readonly mb: number; readonly files: number }, owner: Owner | undefined): void {
    for (const directory of ['up', 'reserve', 'listed']) mkdirSync(path.join(this.root, directory))
    writeFileSync(path.join(this.root, 'small.bin'), randomBytes(1024))
    const chunk = randomBytes(MIB)
    this.#write('big.bin', mb, (index) => {
      chunk.writeUInt32LE(index)
      return chunk
    })
    for (let index = 0; index < files; index++) {
      writeFileSync(path.join(this.root, 'listed', `file-${String(index).padStart(5, '0')}.txt`), 'x'.repeat(index % 7))
    }
    this.#write('reserve/first', Math.ceil(mb * 1.25), () => chunk)
    if (owner !== undefined) {
      for (const name of ['', 'up', 'reserve', 'listed']) chownSync(path.join(this.root, name), owner.uid, owner.gid)
    }
  }

  #write(file: string, mb: number, chunk: (index: number) => Buffer): void {
    const descriptor = openSync(path.join(this.root, file), 'w')
    for (let index = 0; index < mb; index++) writeSync(descriptor, chunk(index))
    closeSync(descriptor)
  }

  /** Gives back what was kept, just before an upload needs the memory. */
  release(): void {
    this.#empty('reserve')
    this.#empty('up')
  }

  /**
   * Keeps what was uploaded, so that its memory stays with this machine: a virtual one gives free pages back to its host
   * within seconds, and one that must come from there again is up to ten times slower to write. For the same reason big
   * uploads write an eighth of the size eight times.
   */
  keep(): void {
    for (const name of readdirSync(path.join(this.root, 'up'))) {
      renameSync(path.join(this.root, 'up', name), path.join(this.root, 'reserve', name))
    }
  }

  /** Removes what small uploads left. */
  clear(): void {
    this.#empty('up')
  }

  #empty(directory: string): void {
    for (const name of readdirSync(path.join(this.root, directory)))
      rmSync(path.join(this.root, directory, name), { recursive: true })
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
