import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Places } from './places.ts'
import { RATE } from './rows.ts'
import type { Program, ServerSpec, Setting } from './server-spec.ts'

/** A peer that is on this machine, or why it cannot take part. */
export type Found = ServerSpec | { readonly name: string; readonly missing: string }

/** Where peers are looked for, and what they may do here. */
export interface Search {
  readonly peers: string
  readonly places: Places
  /** Whether servers for the machine's own accounts can be given one: see isolation.ts. */
  readonly hasAccount: boolean
}

/** Every server that ours is compared with. */
export function findPeers(search: Search): readonly Found[] {
  return [vsftpd, proftpd, pureFtpd, pyftpdlib, ftpSrv].map((find) => find(search))
}

const INSTALL = 'not found: npm run bench -- --install'

/** A program in the directory that `--install` fills, or on the machine. */
function findProgram(peers: string, name: string): string | undefined {
  const unpacked = ['usr/sbin', 'usr/bin'].map((directory) => path.join(peers, name, directory))
  const directories = [...unpacked, '/usr/sbin', ...(process.env.PATH ?? '').split(path.delimiter)]
  return directories.map((directory) => path.join(directory, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where the libraries lie that were unpacked with a peer, for the dynamic linker. */
function libraries(directory: string): string {
  const roots = ['usr/lib', 'lib'].map((root) => path.join(directory, root)).filter((root) => existsSync(root))
  const inner = roots.flatMap((root) => readdirSync(root).map((name) => path.join(root, name)))
  return [...roots, ...inner.filter((name) => name.endsWith('-linux-gnu'))].join(':')
}

/** What a command says that matches; it may say so on any of its outputs, vsftpd even on its input. */
function saying(command: string, args: readonly string[], pattern: RegExp, env: NodeJS.ProcessEnv = {}): string {
  const shell = ['-c', '"$@" 0>&1 2>&1', 'sh', command, ...args]
  const { stdout } = spawnSync('sh', shell, { encoding: 'utf8', env: { ...process.env, ...env } })
  return pattern.exec(stdout)?.[1] ?? 'unknown'
}

/** A server in C that runs a process for each session, as somebody of this machine. */
function forking(
  { peers, hasAccount }: Search,
  name: string,
  abilities: ServerSpec['abilities'],
  version: readonly [flag: string, pattern: RegExp],
  start: (setting: Setting, unpacked: string) => readonly string[],
): Found {
  const command = findProgram(peers, name)
  if (command === undefined) return { name, missing: INSTALL }
  if (!hasAccount) return { name, missing: 'wants root and namespaces of its own (unshare)' }
  const unpacked = path.join(peers, name)
  const env = { LD_LIBRARY_PATH: libraries(unpacked) }
  const serve = (setting: Setting): Program => ({ command, args: start(setting, unpacked), env })
  return { name, kind: 'peer', version: saying(command, [version[0]], version[1], env), abilities, serve }
}

function written(file: string, lines: readonly string[]): string {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

function vsftpd(search: Search): Found {
  return forking(search, 'vsftpd', new Set(['serve', 'tls', 'throttle']), ['-v', /version (\S+)/], (setting) => {
    const { root, port, variant, certificate, scratch } = setting
    const empty = path.join(scratch, 'empty')
    mkdirSync(empty, { recursive: true })
    const yes = [
      'listen',
      'local_enable',
      'write_enable',
      'chroot_local_user',
      'allow_writeable_chroot',
      'use_sendfile',
    ]
    const no = ['anonymous_enable', 'background', 'xferlog_enable', 'session_support', 'connect_from_port_20']
    const noSandbox = ['seccomp_sandbox', 'isolate', 'isolate_network']
    const tls = ['ssl_enable=YES', `rsa_cert_file=${certificate?.both}`, 'ssl_ciphers=HIGH', 'require_ssl_reuse=NO']
    const tlsOptional = ['force_local_logins_ssl=NO', 'force_local_data_ssl=NO']
    return [
      written(path.join(scratch, 'vsftpd.conf'), [
        ...yes.map((key) => `${key}=YES`),
        ...[...no, ...noSandbox].map((key) => `${key}=NO`),
        ...['listen_address=127.0.0.1', `listen_port=${port}`, 'max_clients=0', 'max_per_ip=0', 'local_umask=022'],
        ...[`local_root=${root}`, 'pam_service_name=vsftpd', `secure_chroot_dir=${empty}`],
        ...(variant === 'tls' ? [...tls, ...tlsOptional] : []),
        ...(variant === 'throttled' ? [`local_max_rate=${RATE}`] : []),
      ]),
    ]
  })
}

function proftpd(search: Search): Found {
  const all = new Set(['serve', 'mlsd', 'tls', 'throttle'] as const)
  return forking(search, 'proftpd', all, ['-v', /Version (\S+)/], (setting, unpacked) => {
    const { root, port, variant, certificate, scratch } = setting
    const modules = path.join(unpacked, 'usr/lib/proftpd')
    const file = written(path.join(scratch, 'proftpd.conf'), [
      ...(existsSync(modules) ? [`ModulePath ${modules}`] : []),
      ...(variant === 'tls' ? ['LoadModule mod_tls.c'] : []),
      ...['ServerName bench', 'ServerType standalone', 'DefaultServer on', 'DefaultAddress 127.0.0.1', `Port ${port}`],
      ...['User root', 'Group root', 'UseIPv6 off', 'UseReverseDNS off', 'MaxInstances none', 'UseSendfile on'],
      ...['AuthPAM off', 'AuthOrder mod_auth_unix.c', 'RequireValidShell off', 'AllowOverwrite on', 'DelayEngine off'],
      ...[`DefaultRoot ${root}`, `DefaultChdir ${root}`, 'WtmpLog off', 'TransferLog none', 'SystemLog none'],
      ...['ScoreboardFile none', `PidFile ${scratch}/proftpd.pid`, 'ControlsEngine off'],
      ...['TimeoutIdle 3600', 'TimeoutNoTransfer 3600', 'TimeoutLogin 300'],
      ...(variant === 'throttled' ? [`TransferRate RETR,STOR ${RATE / 1024}`] : []),
      ...(variant === 'tls' ? ['TLSEngine on', 'TLSRequired off', 'TLSVerifyClient off', 'TLSLog none'] : []),
      ...(variant === 'tls' ? [`TLSRSACertificateFile ${certificate?.cert}`] : []),
      ...(variant === 'tls'
        ? [`TLSRSACertificateKeyFile ${certificate?.key}`, 'TLSOptions NoSessionReuseRequired']
        : []),
    ])
    return ['-n', '-q', '-c', file]
  })
}

function pureFtpd(search: Search): Found {
  const all = new Set(['serve', 'mlsd', 'tls', 'throttle'] as const)
  return forking(search, 'pure-ftpd', all, ['--help', /v(\d\S+)/], ({ port, variant, certificate, scratch }) => [
    ...['--bind', `127.0.0.1,${port}`, '--chrooteveryone', '--noanonymous', '--dontresolve', '--login', 'unix'],
    ...['--maxclientsnumber', '4000', '--maxclientsperip', '4000', '--limitrecursion', '50000:10'],
    ...['--maxidletime', '60', '--syslogfacility', 'none', '--pidfile', path.join(scratch, 'pid')],
    ...(variant === 'tls' ? ['--tls', '1', '--certfile', certificate?.both ?? ''] : []),
    ...(variant === 'throttled' ? ['--userbandwidth', String(RATE / 1024)] : []),
  ])
}

function pyftpdlib({ peers, places }: Search): Found {
  const name = 'pyftpdlib'
  const env = {
    PYTHONPATH: path.join(peers, name, 'usr/lib/python3/dist-packages'),
    LD_LIBRARY_PATH: libraries(path.join(peers, name)),
  }
  const version = (python: string) => saying(python, ['-W', 'ignore', '-c', ASKED], /^version (\S+)$/m, env)
  const command = ['/usr/bin/python3', 'python3'].find((python) => version(python) !== 'unknown')
  if (command === undefined) return { name, missing: INSTALL }
  const program = (file: string) => ({ command, args: ['-W', 'ignore', path.join(places.sources, file)], env })
  const abilities = new Set(['serve', 'mlsd', 'tls', 'throttle', 'cold'] as const)
  const serve = () => ({ ...program('servers/pyftpdlib_server.py'), tellsPort: true })
  return { name, kind: 'peer', version: version(command), abilities, serve, cold: program('cold/pyftpdlib_cold.py') }
}

const ASKED = 'import pyftpdlib, pyftpdlib.servers; print("version", pyftpdlib.__ver__)'

function ftpSrv({ peers, places }: Search): Found {
  const name = 'ftp-srv'
  const modules = path.join(peers, name, 'node_modules')
  if (!existsSync(path.join(modules, name))) return { name, missing: INSTALL }
  const program = (file: string): Program => ({ command: process.execPath, args: [file], env: { MODULES: modules } })
  const script = path.join(places.sources, 'servers', 'ftp-srv.cjs')
  const asked = ['-p', `require('${modules}/${name}/package.json').version`]
  return {
    name,
    kind: 'peer',
    version: saying(process.execPath, asked, /(\d\S+)/),
    // It has no MLSD, and no limit of rate.
    abilities: new Set(['serve', 'tls', 'cold'] as const),
    isEarly: true,
    serve: ({ port }) => ({ ...program(script), env: { MODULES: modules, PORT: String(port) } }),
    cold: program(path.join(places.compiled, 'cold', 'ftp-srv.mjs')),
  }
}
