import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

/** The packages of Debian that hold the peers, by the name of the peer. */
const PACKAGES: Record<string, readonly string[]> = {
  vsftpd: ['vsftpd'],
  proftpd: ['proftpd-core', 'proftpd-mod-crypto'],
  'pure-ftpd': ['pure-ftpd'],
  pyftpdlib: ['python3-pyftpdlib', 'python3-openssl'],
}
const FTP_SRV = 'ftp-srv@4.6.3'

/** A step that did not go well. */
class InstallError extends Error {}

function run(command: string, args: readonly string[], cwd: string): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  if (status === 0) return
  throw new InstallError(`${command} ${args.join(' ')}: ${error?.message ?? `${stderr}${stdout}`.trim()}`)
}

/**
 * Fetches the peers into a directory. Debian's packages are unpacked there, each with the libraries that this machine
 * lacks, rather than installed: they conflict with one another. Returns what went wrong, by peer.
 */
export function install(peers: string, say: (line: string) => void): ReadonlyMap<string, string> {
  mkdirSync(peers, { recursive: true, mode: 0o700 })
  const failures = new Map<string, string>()
  const attempt = (name: string, work: () => void) => {
    say(`${name} …`)
    try {
      work()
    } catch (error) {
      if (!(error instanceof InstallError)) throw error
      failures.set(name, error.message)
    }
  }
  for (const [name, packages] of Object.entries(PACKAGES)) attempt(name, () => unpack(peers, name, packages))
  attempt('ftp-srv', () => {
    const directory = path.join(peers, 'ftp-srv')
    mkdirSync(directory, { recursive: true })
    run('npm', ['install', '--prefix', directory, '--no-audit', '--no-fund', FTP_SRV], directory)
  })
  return failures
}

function unpack(peers: string, name: string, packages: readonly string[]): void {
  const directory = path.join(peers, name)
  const archives = path.join(peers, 'archives', name)
  mkdirSync(path.join(archives, 'partial'), { recursive: true })
  mkdirSync(directory, { recursive: true })
  const cache = ['-o', `Dir::Cache::archives=${archives}`, '-o', 'APT::Sandbox::User=root']
  const quietly = ['-y', '-q', '--no-install-recommends']
  run('apt-get', ['install', '--download-only', '--reinstall', ...quietly, ...cache, ...packages], archives)
  const fetched = readdirSync(archives).filter((file) => file.endsWith('.deb'))
  for (const file of fetched) run('dpkg', ['-x', path.join(archives, file), directory], archives)
  rmSync(path.dirname(archives), { recursive: true, force: true })
}
