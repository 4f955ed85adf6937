import { defaultUser, fixtureDefaults } from '../fixture/options.ts'
import { handlerDefaults } from '../handlers/options.ts'
import { type Check, oneOf } from '../options/check.ts'
import { serverChecks, serverDefaults } from '../servers/options.ts'
import type { FlagGroups, Flags } from './flag.ts'
import { duration, number, range, rate } from './flag-values.ts'

/** The world served when none is named: by hand, there should be something to see. */
export const WORLD = 'basic'

/** What every subcommand can be asked. */
export const general: Flags = {
  help: { short: 'h', help: 'show this help' },
  version: { short: 'V', help: 'show the version' },
}

const ENCRYPTION = ['tls', 'certfile']

/** Where a server listens. */
export const listening: Flags = {
  interface: {
    short: 'i',
    value: 'ADDRESS',
    help: `address to listen on; :: takes IPv4 and IPv6 (default: ${fixtureDefaults.host})`,
    set: (host) => ({ host }),
  },
  port: {
    short: 'p',
    value: 'PORT',
    help: 'port to listen on (default: a free one)',
    set: (text, flag) => ({ port: number(0, 65_535)(text, flag) }),
  },
  concurrency: {
    value: 'MODEL',
    help: 'async: all sessions in one thread; multi-thread, multi-proc: a thread or a process for each; pre-fork: as many processes as processors (default: async)',
  },
}

const files: Flags = {
  files: {
    short: 'f',
    value: 'WORLD',
    help: `ready-made world, or a directory to copy (default: ${WORLD})`,
    excludes: ['directory'],
    set: (world) => ({ files: world }),
  },
  directory: {
    short: 'd',
    value: 'PATH',
    help: 'serve this directory itself; clients may only read it, unless --write is given',
    set: (root) => ({ root }),
  },
  write: {
    short: 'w',
    help: 'with --directory: the user may change what is there (a temp directory he may change anyway)',
    needs: ['directory'],
  },
}

const scenarios: Flags = {
  scenario: {
    short: 's',
    value: 'NAME',
    help: 'misbehave as a built-in scenario says, or one in a file; shows the whole dialogue, as --debug does',
    set: (scenario) => ({ scenario }),
  },
}

/** Who may log in. */
export const users: Flags = {
  username: { short: 'u', value: 'NAME', help: `user who may log in (default: ${defaultUser.username})` },
  password: {
    short: 'P',
    value: 'PASSWORD',
    help: `the user's password (default: ${defaultUser.password})`,
    mayBeEmpty: true,
  },
  anonymous: { help: 'let anonymous log in too, to read', set: () => ({ anonymous: true }) },
  'max-login-attempts': {
    value: 'N',
    help: `failed logins after which a connection is closed (default: ${handlerDefaults.maxLoginAttempts})`,
    set: (text, flag) => ({ maxLoginAttempts: number(1)(text, flag) }),
  },
}

/** What holds for each session. */
export const sessions: Flags = {
  banner: { value: 'TEXT', help: 'text of the greeting', mayBeEmpty: true, set: (banner) => ({ banner }) },
  timeout: {
    value: 'TIME',
    help: `silence after which a session ends: 250ms, 5s, 2m, 1h; 0 is never (default: ${handlerDefaults.timeout})`,
    set: (text, flag) => ({ timeout: duration(text, flag) }),
  },
  encoding: {
    value: 'NAME',
    help: `of commands, replies and listings: utf-8, latin1, cp1252, shift-jis … (default: ${handlerDefaults.encoding})`,
    set: (text, flag) => ({ encoding: serverChecks.encoding(text, flag) }),
  },
  'use-localtime': { help: 'times are local rather than GMT', set: () => ({ useGmtTimes: false }) },
  'max-cons': {
    value: 'N',
    help: `connections at a time, control and data together (default: ${serverDefaults.maxCons})`,
    set: (text, flag) => ({ maxCons: number(1)(text, flag) }),
  },
  'max-cons-per-ip': {
    value: 'N',
    help: 'control connections at a time from one address (default: any number)',
    set: (text, flag) => ({ maxConsPerIp: number(0)(text, flag) }),
  },
}

/** What holds for each data connection. */
export const dataConnections: Flags = {
  'nat-address': {
    short: 'n',
    value: 'ADDRESS',
    help: 'IPv4 address that PASV announces, as behind NAT',
    set: (text, flag) => ({ masqueradeAddress: serverChecks.masqueradeAddress(text, flag) }),
  },
  range: {
    short: 'r',
    value: 'FROM-TO',
    help: 'ports for passive data connections (default: any free one)',
    set: (text, flag) => ({ passivePorts: range(text, flag) }),
  },
  'permit-foreign-addresses': {
    help: "data connections may go to and come from other hosts than the client's",
    set: () => ({ permitForeignAddresses: true }),
  },
  'permit-privileged-ports': {
    help: 'PORT and EPRT may name ports below 1024',
    set: () => ({ permitPrivilegedPorts: true }),
  },
  'read-limit': {
    value: 'RATE',
    help: 'what a data connection takes from a client at most: 64KiB/s, 1MB/s … (default: no limit)',
    set: (text, flag) => ({ readLimit: rate(text, flag) }),
  },
  'write-limit': {
    value: 'RATE',
    help: 'what a data connection sends to a client at most (default: no limit)',
    set: (text, flag) => ({ writeLimit: rate(text, flag) }),
  },
  'disable-sendfile': { help: 'do not send files by sendfile(2)', set: () => ({ useSendfile: false }) },
}

/** How connections are encrypted. */
export const encryption: Flags = {
  tls: {
    help: 'clients may encrypt (AUTH TLS); with throw-away certificates, unless --certfile is given',
    set: () => ({ tls: true }),
  },
  certfile: {
    value: 'FILE',
    help: 'certificate in PEM, the others of its chain behind it; implies --tls',
    set: (certfile) => ({ certfile }),
  },
  keyfile: {
    value: 'FILE',
    help: 'its private key (default: it stands in the certfile)',
    needs: ['certfile'],
    set: (keyfile) => ({ keyfile }),
  },
  'ca-file': {
    value: 'FILE',
    help: 'where to write the authority that clients have to trust (default: a temp file)',
    needs: ['tls'],
    excludes: ['certfile'],
  },
  'tls-control-required': {
    help: 'logins only over an encrypted connection',
    needs: ENCRYPTION,
    set: () => ({ tlsControlRequired: true }),
  },
  'tls-data-required': {
    help: 'transfers only over encrypted data connections',
    needs: ENCRYPTION,
    set: () => ({ tlsDataRequired: true }),
  },
  'implicit-tls': {
    help: 'TLS begins with the connection, before the greeting, as on port 990',
    needs: ENCRYPTION,
    set: () => ({ implicitTls: true }),
  },
}

const control: Flags = {
  control: { help: 'serve the control API, over HTTP on the loopback address, to whoever has the token that is shown' },
  'control-port': { value: 'PORT', help: 'its port (default: a free one)', needs: ['control'] },
}

const output: Flags = {
  debug: { short: 'D', help: 'show everything: each command and reply, data connections, TLS' },
  log: { value: 'FORMAT', help: 'text, or json: one object a line, the rest on standard error (default: text)' },
  'log-prefix': {
    value: 'TEMPLATE',
    help: `what lines of text begin with (default: ${handlerDefaults.logPrefix}; {session} is known too)`,
    mayBeEmpty: true,
    set: (text, flag) => ({ logPrefix: serverChecks.logPrefix(text, flag) }),
  },
  ...general,
}

/** The options of `serve`, by what they are about. */
export const flagGroups: FlagGroups = {
  Listening: listening,
  Files: files,
  Misbehaving: scenarios,
  Users: users,
  Sessions: sessions,
  'Data connections': dataConnections,
  'Encryption (FTPS)': encryption,
  'For other programs': control,
  Output: output,
}

/** How sessions run beside each other. */
export type Concurrency = 'async' | 'pre-fork' | 'multi-thread' | 'multi-proc'

/** Checks the value of `--concurrency`. */
export const isConcurrency: Check<Concurrency> = oneOf('async', 'pre-fork', 'multi-thread', 'multi-proc')

/** Checks the value of `--log`. */
export const isLogFormat: Check<'text' | 'json'> = oneOf('text', 'json')
