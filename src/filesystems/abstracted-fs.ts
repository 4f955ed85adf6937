import fs, { type PathLike } from 'node:fs'
import hostPaths, { type PlatformPath } from 'node:path'
import type { Awaitable } from '../authorizers/authorizer.ts'
import { baseName, joinPath, normalizePath } from '../protocol/path.ts'
import { entryNames } from './entry-names.ts'
import { statEntries } from './entry-stats.ts'
import { FilesystemError, NoFreeNameError } from './errors.ts'
import { type FileStat, orNothing } from './file-stat.ts'
import { type FilesystemUser, STRANGER } from './filesystem-user.ts'
import { pathOf } from './host-bytes.ts'
import { groupName, userName } from './host-names.ts'
import { freeing } from './large-files.ts'
import { followed, resolveLinks } from './links.ts'
import { HostFile, type OpenFile, type OpenMode } from './open-file.ts'
import { canHold, holding, openStraight } from './straight-path.ts'
import { checkWindowsName } from './windows-names.ts'

/** What of a path must not be outside: for a symbolic link the place it leads to too, or only the one it stands in. */
type Checked = 'target' | 'link'

const OPENING = { open: openStraight, leavesLarge: true }
/** How many names `mkstemp` tries. */
const TEMPORARY_NAME_ATTEMPTS = 100

/**
 * What a session sees as its files: a directory of the host, its `root`, that nothing leads out of. Every method takes
 * a path as the client sees it ("virtual": absolute with `/` for the root, or relative to `cwd`), checks that it stays
 * inside, links resolved, and then works on the host's file; `ftp2fs` and `fs2ftp` translate. Subclass it to serve
 * anything else: each method may be asynchronous there. Those here are done when they return, since another user's
 * operation must not run between a check and what it was for, nor as the wrong user; only what a large file held that is
 * replaced or removed is freed behind it.
 */
export class AbstractedFS {
  /** The current working directory, as the client sees it. */
  cwd = '/'
  /** The host's rules for paths; a test of Windows' rules puts `path.win32` here. */
  protected readonly hostPaths: PlatformPath = hostPaths
  readonly #user: FilesystemUser
  #root = ''
  #realRoot: string | undefined
  #isInOneGo = false
  /** Where a path leads that was asked for in one go. */
  #resolved: { readonly hostPath: string; readonly real: string } | undefined

  constructor(root: string, user: FilesystemUser = STRANGER) {
    this.root = root
    this.#user = user
  }

  /** The user's home, a directory of the host. */
  get root(): string {
    return this.#root
  }

  set root(root: string) {
    this.#root = root
    this.#realRoot = undefined
  }

  /** A path made absolute and plain, starting from `cwd`. */
  ftpnorm(path: string): string {
    return normalizePath(this.hostPaths.sep === '\\' ? path.replaceAll('\\', '/') : path, this.cwd)
  }

  /** The host's path for a client's path; throws `FilesystemError` for a name that the host cannot have. */
  ftp2fs(path: string): string {
    const plain = this.ftpnorm(path)
    if (plain.includes('\0')) throw new FilesystemError('File names cannot hold a NUL character.')
    if (this.hostPaths.sep === '\\') checkWindowsName(plain)
    return plain === '/' ? this.root : this.hostPaths.join(this.root, plain)
  }

  /** The client's path for a host's path, `/` for one outside the root. */
  fs2ftp(hostPath: string): string {
    const { isAbsolute, relative, resolve, sep } = this.hostPaths
    const inner = relative(this.root, isAbsolute(hostPath) ? hostPath : resolve(this.root, hostPath))
    if (inner === '..' || inner.startsWith(`..${sep}`) || isAbsolute(inner)) return '/'
    return `/${inner.replaceAll(sep, '/')}`
  }

  /** Whether a path of the host lies within the root once symbolic links are resolved. */
  validpath(hostPath: string): boolean {
    this.#realRoot ??= resolveLinks(this.root)
    const real = this.#resolve(hostPath)
    if (real === this.#realRoot) return true
    const parent = this.#realRoot.endsWith(this.hostPaths.sep) ? this.#realRoot : this.#realRoot + this.hostPaths.sep
    return real.startsWith(parent)
  }

  /**
   * Does something in which a path is asked for more than once, and finds out but once where it leads: nobody else has a
   * turn before it is done. What goes on behind it asks anew.
   */
  inOneGo<T>(action: () => T): T {
    if (this.#isInOneGo) return action()
    this.#isInOneGo = true
    try {
      return action()
    } finally {
      this.#isInOneGo = false
      this.#resolved = undefined
    }
  }

  open(path: string, mode: OpenMode): Awaitable<OpenFile> {
    const plain = this.ftpnorm(path)
    const open = (hostPath: string) => new HostFile(plain, hostPath, mode, OPENING)
    // What must not be there yet is no link to elsewhere either.
    if (mode === 'wx') return this.#user.runAsCurrentUser(() => open(this.#entry(plain, 'target')))
    return this.#at(path, open).emptied()
  }

  /** Makes and opens a file that was not there, its name begun by `prefix`; throws `FilesystemError` when no name is free. */
  async mkstemp(directory: string, prefix: string): Promise<OpenFile> {
    for (let attempt = 0; attempt < TEMPORARY_NAME_ATTEMPTS; attempt++) {
      const path = joinPath(this.ftpnorm(directory), prefix + Math.random().toString(36).slice(2, 10))
      try {
        return await this.open(path, 'wx')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
    throw new NoFreeNameError()
  }

  mkdir(path: string): Awaitable<void> {
    return this.#entryIn(path, 'target', (place) => fs.mkdirSync(place))
  }

  /** Makes a directory the current one; an override must set `cwd`. */
  chdir(path: string): Awaitable<void> {
    this.#at(path, (hostPath, plain) => {
      holding(hostPath, (place) => {
        if (!fs.statSync(place).isDirectory()) throw new FilesystemError('Not a directory.')
        // Not `access`, which asks for the real user rather than the impersonated one: only who may enter finds the `.`.
        fs.statSync(`${place}${this.hostPaths.sep}.`)
      })
      this.cwd = plain
    })
  }

  /** Names in a directory, in any order: a list, or a generator for a large one. */
  listdir(path: string): Awaitable<Iterable<string> | AsyncIterable<string>> {
    return this.#at(path, entryNames)
  }

  rmdir(path: string): Awaitable<void> {
    return this.#entryIn(path, 'target', (place) => fs.rmdirSync(place))
  }

  /** Removes a file, or a symbolic link rather than what it points to. */
  remove(path: string): Awaitable<void> {
    return this.#entryIn(path, 'link', (place) => freeing(place, () => fs.unlinkSync(place)))
  }

  rename(from: string, to: string): Awaitable<void> {
    return this.#entryIn(from, 'link', (source) => {
      const freed = this.#inDirectory(this.ftpnorm(to), 'target', (at) => freeing(at, () => fs.renameSync(source, at)))
      // A link may stand there now.
      this.#resolved = undefined
      return freed
    })
  }

  chmod(path: string, mode: number): Awaitable<void> {
    return this.#at(path, (hostPath) => holding(hostPath, (place) => fs.chmodSync(place, mode)))
  }

  /** Sets the times of last access and modification, in milliseconds since the epoch. */
  utime(path: string, epochMs: number): Awaitable<void> {
    // As a number, Node takes a time before 1970 for the present one.
    const time = new Date(epochMs)
    return this.#at(path, (hostPath) => holding(hostPath, (place) => fs.utimesSync(place, time, time)))
  }

  stat(path: string): Awaitable<FileStat> {
    return this.#at(path, (hostPath) => holding(hostPath, (place) => fs.statSync(place)))
  }

  lstat(path: string): Awaitable<FileStat> {
    return this.#entryIn(path, 'link', (place) => fs.lstatSync(place))
  }

  /**
   * What `lstat` says of names in a directory, looked at all at once: of each in its turn, `undefined` where `lstat` must
   * be asked itself; of none at all where a subclass has a say in it, or when the directory cannot be reached.
   */
  lstatEntries(directory: string, names: readonly string[]): readonly (FileStat | undefined)[] {
    const isOwn = this.lstat === lstat && this.ftp2fs === ftp2fs && this.ftpnorm === ftpnorm
    if (!isOwn || this.hostPaths.sep !== '/') return []
    try {
      return this.#at(directory, (hostDirectory) => statEntries(hostDirectory, names))
    } catch {
      return []
    }
  }

  readlink(path: string): Awaitable<string> {
    return this.#entryIn(path, 'link', (place) => fs.readlinkSync(place))
  }

  async isfile(path: string): Promise<boolean> {
    return (await orNothing(() => this.stat(path)))?.isFile() ?? false
  }

  async isdir(path: string): Promise<boolean> {
    return (await orNothing(() => this.stat(path)))?.isDirectory() ?? false
  }

  async islink(path: string): Promise<boolean> {
    return (await orNothing(() => this.lstat(path)))?.isSymbolicLink() ?? false
  }

  /** Whether there is something of that name, be it a symbolic link that leads nowhere. */
  async lexists(path: string): Promise<boolean> {
    return (await orNothing(() => this.lstat(path))) !== undefined
  }

  async getsize(path: string): Promise<number> {
    return (await this.stat(path)).size
  }

  /** Time of last modification, in milliseconds since the epoch. */
  async getmtime(path: string): Promise<number> {
    return (await this.stat(path)).mtimeMs
  }

  /** Where a path really leads: a path of the host, free of symbolic links. Permissions are asked for it. */
  realpath(path: string): Awaitable<string> {
    const plain = this.ftpnorm(path)
    const inside = () => this.#inside(this.ftp2fs(plain), plain)
    return this.#user.runAsCurrentUser(() => (this.#isHeld ? inside() : this.#resolve(inside())))
  }

  /** The name of a user id in listings; the id itself where there is no name. */
  getUserByUid(uid: number): string {
    return userName(uid) ?? String(uid)
  }

  /** The name of a group id in listings; the id itself where there is no name. */
  getGroupByGid(gid: number): string {
    return groupName(gid) ?? String(gid)
  }

  #resolve(hostPath: string): string {
    if (this.#resolved?.hostPath === hostPath) return this.#resolved.real
    const real = resolveLinks(hostPath)
    if (this.#isInOneGo) this.#resolved = { hostPath, real }
    return real
  }

  /** Does something where a path leads, checked: for what a symbolic link points to. */
  #at<T>(path: string, operation: (hostPath: string, plain: string) => T): T {
    const plain = this.ftpnorm(path)
    return this.#user.runAsCurrentUser(() => operation(this.#checked(this.ftp2fs(plain), plain), plain))
  }

  /** Does something with the name at the end of a path, in a directory that cannot be exchanged meanwhile. */
  #entryIn<T>(path: string, checked: Checked, operation: (place: PathLike) => T): T {
    return this.#user.runAsCurrentUser(() => this.#inDirectory(this.ftpnorm(path), checked, operation))
  }

  #inDirectory<T>(plain: string, checked: Checked, operation: (place: PathLike) => T): T {
    const { basename, dirname, sep } = this.hostPaths
    const hostPath = this.#entry(plain, checked)
    if (plain === '/') return operation(pathOf(hostPath))
    return holding(dirname(hostPath), (directory) => operation(`${directory}${sep}${basename(hostPath)}`))
  }

  /** The host's path of an entry, checked; itself it may be a symbolic link. */
  #entry(plain: string, checked: Checked): string {
    const hostPath = this.ftp2fs(plain)
    if (checked === 'target' || plain === '/') this.#inside(hostPath, plain)
    // A link that leads to the root stands outside it, and must be neither renamed nor removed.
    if (plain === '/') return resolveLinks(hostPath)
    const { basename, dirname, join } = this.hostPaths
    return join(this.#checked(dirname(hostPath), plain), basename(hostPath))
  }

  /** Whether a path is worked on where it was found to lead, whatever becomes of it meanwhile. */
  get #isHeld(): boolean {
    return canHold && this.hostPaths.sep === '/'
  }

  /** A path to work on: it does not lead out of the root, and is free of symbolic links where these would be noticed. */
  #checked(hostPath: string, plain: string): string {
    return followed(hostPath, this.#inside(hostPath, plain))
  }

  #inside(hostPath: string, plain: string): string {
    return this.inOneGo(() => {
      if (this.validpath(hostPath)) return this.#isHeld || plain === '/' ? this.#resolve(hostPath) : hostPath
      throw new FilesystemError(`"${baseName(plain)}" points to a path which is outside the user's root directory.`)
    })
  }
}

/** The methods that `lstatEntries` stands in for, whatever becomes of them in a subclass or in a test. */
const { lstat, ftp2fs, ftpnorm } = AbstractedFS.prototype
