import path from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import { AbstractedFS } from '../../src/filesystems/abstracted-fs.ts'
import { baseName, joinPath, normalizePath, parentPath, quotePath } from '../../src/protocol/path.ts'
import { anyText, fileName } from './inputs.ts'
import { holds } from './runs.ts'

const part = fc.oneof(anyText, fc.constantFrom('', '.', '..', '...', '.. ', 'a', '\\', '..\\', 'C:', '%2e%2e', 'nul'))
const clientPath = fc.array(part, { maxLength: 8 }).map((parts) => parts.join('/'))
const absolute = clientPath.map((each) => normalizePath(`/${each}`))

/** Windows' rules for paths, anywhere. */
class WindowsFS extends AbstractedFS {
  protected override readonly hostPaths = path.win32
}

holds(
  'a path is made plain as POSIX does it, from the current directory on',
  fc.property(clientPath, absolute, (given, cwd) => {
    const plain = normalizePath(given, cwd)
    expect(plain).toBe(path.posix.resolve(cwd, given))
    expect(normalizePath(plain, '/elsewhere')).toBe(plain)
  }),
)

holds(
  'a plain path has nothing in it that leads up, and comes apart and together again',
  fc.property(clientPath, absolute, (given, cwd) => {
    const plain = normalizePath(given, cwd)
    const [first, ...parts] = plain.split('/')
    expect(first).toBe('')
    if (plain !== '/') expect(parts.some((each) => each === '' || each === '.' || each === '..')).toBe(false)
    expect(joinPath(parentPath(plain), baseName(plain))).toBe(plain)
  }),
)

holds(
  'a quoted path reads back',
  fc.property(clientPath, (given) => {
    const quoted = quotePath(given)
    expect(/^"((?:[^"]|"")*)"$/s.exec(quoted)?.[1]?.replaceAll('""', '"')).toBe(given)
  }),
)

holds(
  'no path leads out of the root of the host, and those within lead back',
  fc.property(clientPath, absolute, (given, cwd) => {
    const fs = new AbstractedFS('/srv/jail')
    fs.cwd = cwd
    if (given.includes('\0') || cwd.includes('\0')) return void hostPathOrRefusal(fs, given)
    const hostPath = fs.ftp2fs(given)
    expect(hostPath === '/srv/jail' || hostPath.startsWith('/srv/jail/')).toBe(true)
    expect(path.normalize(hostPath)).toBe(hostPath)
    expect(fs.fs2ftp(hostPath)).toBe(fs.ftpnorm(given))
  }),
)

holds(
  'nor does it on Windows, by drives, backslashes, streams or devices',
  fc.property(clientPath, (given) => {
    const fs = new WindowsFS('C:\\jail')
    const hostPath = hostPathOrRefusal(fs, given)
    if (hostPath === undefined) return
    expect(hostPath === 'C:\\jail' || hostPath.startsWith('C:\\jail\\')).toBe(true)
    expect(path.win32.normalize(hostPath)).toBe(hostPath)
    expect(hostPath.slice(2)).not.toMatch(/[:*?"<>|]|[. ](?:\\|$)/)
    expect(fs.fs2ftp(hostPath)).toBe(fs.ftpnorm(given))
  }),
)

holds(
  'a path of the host that is not within the root is the root to a client',
  fc.property(fc.array(fc.oneof(fileName, fc.constant('..')), { maxLength: 6 }), (parts) => {
    const fs = new AbstractedFS('/srv/jail')
    const hostPath = path.resolve('/srv', ...parts)
    const seen = fs.fs2ftp(hostPath)
    expect(seen.startsWith('/')).toBe(true)
    if (hostPath !== '/srv/jail' && !hostPath.startsWith('/srv/jail/')) expect(seen).toBe('/')
    else expect(fs.ftp2fs(seen)).toBe(hostPath)
  }),
)

/** The documented refusal is the only thing that may be thrown. */
function hostPathOrRefusal(fs: AbstractedFS, given: string): string | undefined {
  try {
    return fs.ftp2fs(given)
  } catch (error) {
    expect(error).toHaveProperty('name', 'FilesystemError')
    return undefined
  }
}
