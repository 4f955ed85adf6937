import type { Awaitable } from '../authorizers/authorizer.ts'
import type { FileStat } from '../filesystems/file-stat.ts'
import type { Account } from '../handlers/account.ts'
import type { Session } from '../handlers/session.ts'
import type { IOLoop } from '../ioloop/ioloop.ts'
import { ListWriter } from '../protocol/listing.ts'
import { baseName, joinPath, parentPath } from '../protocol/path.ts'

/** Names taken from a directory before other sessions get their turn. */
const NAMES_PER_TURN = 2000
/** Lines made before other sessions get their turn and the data connection its bytes. */
const LINES_PER_CHUNK = 1000

/** The names to list, sorted, and the directory they are in. */
export interface Names {
  readonly directory: string
  readonly names: readonly string[]
}

/** The line for a name in a directory, with its line end; `undefined` when it cannot be read any more. */
export type Describe = (name: string, stat: FileStat, now: number) => Awaitable<string | undefined>

/** The names to list for a path: those in a directory, or the one of a file. Throws when there is nothing. */
export async function namesAt({ fs, ioloop }: Session, path: string): Promise<Names> {
  const stat = await fs.lstat(path)
  const isDirectory = stat.isSymbolicLink() ? await fs.isdir(path) : stat.isDirectory()
  if (!isDirectory) return { directory: parentPath(path), names: [baseName(path)] }
  const names: string[] = []
  for (const name of await namesIn(await fs.listdir(path), ioloop)) {
    // A name that is not valid UTF-8 comes with this character in it, and nothing is found under the name that makes.
    if (!name.includes('\uFFFD') || (await fs.lexists(joinPath(path, name)))) names.push(name)
  }
  return { directory: path, names: names.sort() }
}

async function namesIn(listed: Iterable<string> | AsyncIterable<string>, ioloop: IOLoop): Promise<readonly string[]> {
  const names: string[] = []
  const isTurn = (name: string) => names.push(name) % NAMES_PER_TURN === 0
  if (Symbol.asyncIterator in listed) {
    for await (const name of listed) if (isTurn(name)) await ioloop.turn()
  } else {
    for (const name of listed) if (isTurn(name)) await ioloop.turn()
  }
  return names
}

/** Describes names as LIST does. */
export function describeForList({ options }: Session, { fs }: Account, directory: string): Describe {
  const writer = new ListWriter(options.useGmtTimes)
  const line = (name: string, stat: FileStat, now: number, linkTarget?: string) => {
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
    return writer.line(entry, now)
  }
  const linkLine = async (name: string, stat: FileStat, now: number) => {
    return line(name, stat, now, await readable(() => fs.readlink(joinPath(directory, name))))
  }
  return (name, stat, now) => (stat.isSymbolicLink() ? linkLine(name, stat, now) : line(name, stat, now))
}

/** The lines of all names, some at a time; one that cannot be described, since it vanished meanwhile, is left out. */
export async function* entryLines(
  { ioloop }: Session,
  { fs }: Account,
  { directory, names }: Names,
  describe: Describe,
): AsyncGenerator<string> {
  for await (const some of chunks(ioloop, names)) {
    const stats = fs.lstatEntries(directory, some)
    const now = ioloop.now()
    let text = ''
    let index = 0
    for (const name of some) {
      const stat = stats[index++] ?? (await readable(() => fs.lstat(joinPath(directory, name))))
      const line = stat && describe(name, stat, now)
      text += (line instanceof Promise ? await line : line) ?? ''
    }
    if (text !== '') yield text
  }
}

/** The lines of names that need no more than the name. */
export async function* nameLines(
  { ioloop }: Session,
  { names }: Names,
  line: (name: string) => string,
): AsyncGenerator<string> {
  for await (const some of chunks(ioloop, names)) yield some.map(line).join('')
}

/** Others get their turn in between. */
async function* chunks(ioloop: IOLoop, names: readonly string[]): AsyncGenerator<readonly string[]> {
  for (let start = 0; start < names.length; start += LINES_PER_CHUNK) {
    if (start > 0) await ioloop.turn()
    yield names.slice(start, start + LINES_PER_CHUNK)
  }
}

/** What is read, or `undefined` when it cannot be. */
export async function readable<T>(read: () => Awaitable<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch {
    return undefined
  }
}
