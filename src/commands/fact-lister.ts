import type { Awaitable, PermissionLetter } from '../authorizers/authorizer.ts'
import type { FileStat } from '../filesystems/file-stat.ts'
import type { Account } from '../handlers/account.ts'
import type { Session } from '../handlers/session.ts'
import { type Fact, type FactType, formatFacts, formatPerm } from '../protocol/facts.ts'
import { joinPath, parentPath } from '../protocol/path.ts'
import { TimeWriter } from '../protocol/time-writer.ts'
import { readable } from './directory-lines.ts'

const PERM_LETTERS: readonly PermissionLetter[] = ['e', 'l', 'r', 'a', 'd', 'f', 'm', 'w']

/** Writes the fact lines of one directory's files (MLSD), or of a single path (MLST). */
export class FactLister {
  readonly #account: Account
  readonly #facts: readonly Fact[]
  readonly #times: TimeWriter
  readonly #directory: string
  #filePerm: string | undefined

  constructor(session: Session, directory: string) {
    this.#account = session.account
    this.#facts = session.facts
    this.#times = new TimeWriter(session.options.useGmtTimes)
    this.#directory = directory
  }

  /** The line for one path, which it names in full; no line end. */
  static async lineOf(session: Session, path: string): Promise<string> {
    return new FactLister(session, parentPath(path)).#ask(path, path, await session.fs.lstat(path))
  }

  /** The line for a name in the directory, with its line end. */
  line(name: string, stat: FileStat): Awaitable<string> {
    const perm = hasOwnPerm(stat) ? undefined : this.#filePerm
    if (perm !== undefined) return `${this.#format(name, stat, perm)}\r\n`
    return this.#ask(joinPath(this.#directory, name), name, stat).then((line) => `${line}\r\n`)
  }

  /** Facts are those of a link's target; a link that leads nowhere or out of the root is described itself. */
  async #ask(path: string, name: string, stat: FileStat): Promise<string> {
    const { fs } = this.#account
    const found = stat.isSymbolicLink() ? ((await readable(() => fs.stat(path))) ?? stat) : stat
    const perm = this.#facts.includes('perm') ? await this.#perm(path, found) : ''
    if (!hasOwnPerm(stat)) this.#filePerm = perm
    return this.#format(name, found, perm)
  }

  #format(name: string, stat: FileStat, perm: string): string {
    const entry = {
      type: factType(stat),
      perm,
      size: stat.isFile() ? stat.size : undefined,
      modifiedMs: stat.mtimeMs,
      createdMs: stat.birthtimeMs > 0 ? stat.birthtimeMs : undefined,
      unique: stat.ino === 0 ? undefined : `${stat.dev.toString(16)}g${stat.ino.toString(16)}`,
      mode: stat.mode,
      uid: stat.uid,
      gid: stat.gid,
    }
    return formatFacts(entry, name, this.#facts, this.#times)
  }

  async #perm(path: string, stat: FileStat): Promise<string> {
    // It leads nowhere, or out of the root, where asking for permissions throws.
    if (stat.isSymbolicLink()) return ''
    const granted = new Set<string>()
    for (const letter of PERM_LETTERS) if (await this.#account.hasPerm(letter, path)) granted.add(letter)
    return formatPerm(stat.isDirectory() ? 'directory' : 'file', (letter) => granted.has(letter))
  }
}

/** All files of a directory have the same permissions; a directory, or what a link leads to, may have its own. */
function hasOwnPerm(stat: FileStat): boolean {
  return stat.isSymbolicLink() || stat.isDirectory()
}

function factType(stat: FileStat): FactType {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'dir'
  return stat.isSymbolicLink() ? 'OS.unix=slink' : 'OS.unix=special'
}
