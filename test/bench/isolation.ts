import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Places } from './places.ts'
import { USER } from './server-spec.ts'
import type { Owner } from './storage.ts'

/** Tells the driver that it runs in namespaces of its own. */
const INSIDE = 'FTP_BENCH_ISOLATED'
const NAMESPACES = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc']

/** Who forking servers serve; the hash is md5-crypt of the password 12345: logins shall not measure a slow hash. */
const ACCOUNT: Owner = { uid: 61_234, gid: 61_234 }
const HASH = '$1$bench$EDbAMRAOYQfC.K.QAboeI.'

/**
 * Makes the namespaces fit for measuring. No connection waits after its end (tens of thousands of them make bind() to
 * any port slow), and congestion control is Reno: BBR, the default of some machines, paces even the loopback interface.
 * /dev/shm is one of its own, which vanishes with its files.
 */
const FURNISH = [
  'ip link set lo up',
  'sysctl -qw net.ipv4.tcp_congestion_control=reno',
  'sysctl -qw net.ipv4.tcp_max_tw_buckets=0',
  "sysctl -qw net.ipv4.ip_local_port_range='10240 65000'",
  'mount -t tmpfs -o mode=1777 ftp-bench /dev/shm',
].join(' && ')

/** Whether this process has the namespaces already. */
export function isIsolated(): boolean {
  return process.env[INSIDE] === '1'
}

/** Why it cannot have them, tried out; `undefined` when it can. */
export function whyNotIsolated(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root'
  const { status, stderr, error } = spawnSync('unshare', [...NAMESPACES, 'sh', '-c', FURNISH], { encoding: 'utf8' })
  return status === 0 ? undefined : (error?.message ?? stderr.trim())
}

/**
 * Runs this program once more, in namespaces of its own: of the network, of processes, and of mounts. So there are no
 * ports of others, what is started ends with it, what it mounts is seen by nobody else, and nothing is left behind.
 */
export async function runIsolated(args: readonly string[], { compiled }: Places): Promise<number> {
  // The shell is the first process there, which has to bury the orphans of forking servers. It shall survive Ctrl-C.
  const shell = ['sh', '-c', `trap : INT; ${FURNISH} && "$@"; exit $?`, 'sh']
  const program = [process.execPath, ...process.execArgv, process.argv[1] ?? '', ...args]
  const child = spawn('unshare', [...NAMESPACES, ...shell, ...program], {
    stdio: 'inherit',
    detached: true,
    env: { ...process.env, [INSIDE]: '1', FTP_BENCH_COMPILED: compiled },
  })
  // It says what there is by then; who asks again does not want to know.
  let isAsked = false
  const interrupt = () => {
    if (isAsked || child.pid === undefined) child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGINT')
    isAsked = true
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  process.on('exit', () => child.kill('SIGKILL'))
  const [status] = (await once(child, 'exit')) as [number | null]
  return status ?? 1
}

/** Gives the machine an account that only these namespaces see, and PAM's simplest rules to log in by. */
export function makeAccount(home: string, scratch: string): Owner {
  const { uid, gid } = ACCOUNT
  const pam = path.join(scratch, 'pam.d')
  mkdirSync(pam)
  const rules = ['auth required pam_unix.so', 'account required pam_permit.so', 'session required pam_permit.so']
  writeFileSync(path.join(pam, 'vsftpd'), `${rules.join('\n')}\n`)
  run('mount', '--bind', pam, '/etc/pam.d')
  replaceLine('passwd', `${USER}:x:${uid}:${gid}::${home}:/bin/sh`, scratch)
  replaceLine('group', `${USER}:x:${gid}:`, scratch)
  replaceLine('shadow', `${USER}:${HASH}:19000:0:99999:7:::`, scratch)
  return ACCOUNT
}

function run(command: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
}

function replaceLine(name: string, line: string, scratch: string): void {
  const copy = path.join(scratch, name)
  const others = readFileSync(`/etc/${name}`, 'utf8')
    .split('\n')
    .filter((other) => other !== '' && !other.startsWith(`${USER}:`))
  writeFileSync(copy, `${[...others, line].join('\n')}\n`, { mode: name === 'shadow' ? 0o600 : 0o644 })
  run('mount', '--bind', copy, `/etc/${name}`)
}
