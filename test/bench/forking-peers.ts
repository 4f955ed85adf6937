import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Found, findProgram, INSTALL, libraries, type Search, saying } from './find.ts'
import { RATE } from './row.ts'
import type { Program, ServerSpec, Setting } from './server-spec.ts'

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

/** vsftpd, with sendfile(2) and without its sandbox. */
export function vsftpd(search: Search): Found {
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

/** ProFTPD, with sendfile(2) and without the delay of logins. */
export function proftpd(search: Search): Found {
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

/** Pure-FTPd. */
export function pureFtpd(search: Search): Found {
  const all = new Set(['serve', 'mlsd', 'tls', 'throttle'] as const)
  return forking(search, 'pure-ftpd', all, ['--help', /v(\d\S+)/], ({ port, variant, certificate, scratch }) => [
    ...['--bind', `127.0.0.1,${port}`, '--chrooteveryone', '--noanonymous', '--dontresolve', '--login', 'unix'],
    ...['--maxclientsnumber', '4000', '--maxclientsperip', '4000', '--limitrecursion', '50000:10'],
    ...['--maxidletime', '60', '--syslogfacility', 'none', '--pidfile', path.join(scratch, 'pid')],
    ...(variant === 'tls' ? ['--tls', '1', '--certfile', certificate?.both ?? ''] : []),
    ...(variant === 'throttled' ? ['--userbandwidth', String(RATE / 1024)] : []),
  ])
}
