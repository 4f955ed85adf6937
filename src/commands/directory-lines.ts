import type { PermissionLetter } from '../authorizers/authorizer.ts'
import type { FileStat } from '../filesystems/abstracted-fs.ts'
import type { Account } from '../handlers/account.ts'
import type { Session } from '../handlers/session.ts'
import { type Fact, type FactType, formatFacts, formatPerm } from '../protocol/facts.ts'
import { formatListLine } from '../protocol/listing.ts'
import { baseName, joinPath, parentPath } from '../protocol/path.ts'

/** Names taken from a directory before other sessions get their turn. */
const NAMES_PER_TURN = 2000
/** Lines made before other sessions get their turn and the data connection its bytes. */
const LINES_PER_CHUNK = 100

const PERM_LETTERS: readonly PermissionLetter[] = ['e', 'l', 'r', 'a', 'd', 'f', 'm', 'w']

/** The names to list for a path, sorted: those in a directory, or the one of a file. Throws when there is nothing. */
export async function namesAt(
  { fs, ioloop }: Session,
  path: string,
): Promise<{ readonly directory: string; readonly names: readonly string[] }> {
  const stat = await fs.lstat(path)
  const isDirectory = stat.isSymbolicLink() ? await fs.isdir(path) : stat.isDirectory()
  if (!isDirectory) return { directory: parentPath(path), names: [baseName(path)] }
  const names: string[] = []
  for await (const name of await fs.listdir(path)) {
    // A name that is not valid UTF-8 comes with this character in it, and nothing is found under the name that makes.
    if (name.includes('\uFFFD') && !(await fs.lexists(joinPath(path, name)))) continue
    names.push(name)
    if (names.length % NAMES_PER_TURN === 0) await ioloop.turn()
  }
  return { directory: path, names: names.sort() }
}

/** The line of LIST for one name, or `undefined` when it cannot be read any more. */
export async function listLine(
  { ioloop, options }: Session,
  { fs }: Account,
  directory: string,
  name: string,
): Promise<string | undefined> {
  const path = joinPath(directory, name)
  const stat = await readable(() => fs.lstat(path))
  if (stat === undefined) return undefined
  const linkTarget = stat.isSymbolicLink() ? await readable(() => fs.readlink(path)) : undefined
  const entry = {
    name,
    mode: stat.mode,
    linkCount: stat.nlink,
    owner: fs.getUserByUid(stat.uid),
    group: fs.getGroupByGid(stat.gid),
    size: stat.size,
    modifiedMs: stat.mtimeMs,
    linkTarget,
  }
  return formatListLine(entry, ioloop.now(), options.useGmtTimes)
}

/** The lines of all names, some at a time; one that cannot be described, since it vanished meanwhile, is left out. */
export async function* chunks(
  { ioloop }: Session,
  names: readonly string[],
  line: (name: string) => string | undefined | Promise<string | undefined>,
): AsyncGenerator<string> {
  for (let start = 0; start < names.length; start += LINES_PER_CHUNK) {
    if (start > 0) await ioloop.turn()
    let text = ''
    for (const name of names.slice(start, start + LINES_PER_CHUNK)) text += (await line(name)) ?? ''
    if (text !== '') yield text
  }
}

/** Writes the fact lines of one directory's files (MLSD), or of a single path (MLST). */
export class FactLister {
  readonly #account: Account
  readonly #facts: readonly Fact[]
  readonly #useGmtTimes: boolean
  readonly #directory: string
  #filePerm: string | undefined

  constructor(session: Session, directory: string) {
    this.#account = session.account
    this.#facts = session.facts
    this.#useGmtTimes = session.options.useGmtTimes
    this.#directory = directory
  }

  /** The line for one path, which it names in full. */
  static async lineOf(session: Session, path: string): Promise<string> {
    const lister = new FactLister(session, parentPath(path))
    return lister.#format(await lister.#look(path), path, path)
  }

  /** The line for a name in the directory, or `undefined` when it cannot be read any more. */
  async line(name: string): Promise<string | undefined> {
    const path = joinPath(this.#directory, name)
    const found = await readable(() => this.#look(path))
    return found && this.#format(found, path, name)
  }

  /** Facts are those of a link's target; a link that leads nowhere or out of the root is described itself. */
  async #look(path: string): Promise<Found> {
    const { fs } = this.#account
    const stat = await fs.lstat(path)
    if (!stat.isSymbolicLink()) return { stat, isLink: false }
    return { stat: (await readable(() => fs.stat(path))) ?? stat, isLink: true }
  }

  async #format(found: Found, path: string, name: string): Promise<string> {
    const { stat } = found
    const entry = {
      type: factType(stat),
      perm: this.#facts.includes('perm') ? await this.#perm(path, found) : '',
      size: stat.isFile() ? stat.size : undefined,
      modifiedMs: stat.mtimeMs,
      createdMs: stat.birthtimeMs > 0 ? stat.birthtimeMs : undefined,
      unique: stat.ino === 0 ? undefined : `${stat.dev.toString(16)}g${stat.ino.toString(16)}`,
      mode: stat.mode,
      uid: stat.uid,
      gid: stat.gid,
    }
    return formatFacts(entry, name, this.#facts, this.#useGmtTimes)
  }

  /** All files of a directory have the same permissions; a directory, or what a link leads to, may have its own. */
  async #perm(path: string, { stat, isLink }: Found): Promise<string> {
    const shared = !isLink && !stat.isDirectory()
    if (shared && this.#filePerm !== undefined) return this.#filePerm
    // It leads nowhere, or out of the root, where asking for permissions throws.
    if (stat.isSymbolicLink()) return ''
    const granted = new Set<string>()
    for (const letter of PERM_LETTERS) if (await this.#account.hasPerm(letter, path)) granted.add(letter)
    const perm = formatPerm(stat.isDirectory() ? 'directory' : 'file', (letter) => granted.has(letter))
    if (shared) this.#filePerm = perm
    return perm
  }
}

/** What is at a path: of a link its target, where there is one. */
interface Found {
  readonly stat: FileStat
  readonly isLink: boolean
}

function factType(stat: FileStat): FactType {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'dir'
  return stat.isSymbolicLink() ? 'OS.unix=slink' : 'OS.unix=special'
}

async function readable<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch {
    return undefined
  }
}
