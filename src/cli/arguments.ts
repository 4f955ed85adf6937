import { parseArgs } from 'node:util'
import { READ_PERMS } from '../authorizers/authorizer.ts'
import { defaultUser, type FixtureUser, type StartFtpServerOptions } from '../fixture/options.ts'
import { nearest } from '../options/check.ts'
import type { LogOptions } from '../servers/log-options.ts'
import { UsageError } from './errors.ts'
import { type Concurrency, flags, isConcurrency, isLogFormat, WORLD } from './flags.ts'

/** A server that the command line asks for. */
export interface ServeRequest {
  readonly action: 'serve'
  readonly options: StartFtpServerOptions
  readonly concurrency: Concurrency
  readonly log: Pick<Required<LogOptions>, 'level' | 'format'>
  /** Where to write the certificate of the throw-away authority. */
  readonly caFile: string | undefined
  /** Whether the password may be shown: it is the one that everybody knows. */
  readonly showPassword: boolean
}

/** What the command line asks for. */
export type Request = { readonly action: 'help' | 'version' } | ServeRequest

/** What stands on a command line: the value of each option, '' for a switch. */
type Given = ReadonlyMap<string, string>

/** Reads the command line; throws `UsageError`, or `FtpFixtureError` for a value that will not do. */
export function readArguments(args: readonly string[]): Request {
  const given = parse(args)
  if (given.has('help')) return { action: 'help' }
  if (given.has('version')) return { action: 'version' }
  checkTogether(given)
  const options: StartFtpServerOptions = {
    ...(!given.has('directory') && { files: WORLD }),
    // A scenario may have users of its own, where nobody is named here.
    ...((!given.has('scenario') || OF_THE_USER.some((name) => given.has(name))) && { users: [userOf(given)] }),
  }
  for (const [name, text] of given) Object.assign(options, flags[name]?.set?.(text, `--${name}`))
  return {
    action: 'serve',
    options,
    concurrency: isConcurrency(given.get('concurrency') ?? 'async', '--concurrency'),
    log: {
      level: given.has('debug') || given.has('scenario') ? 'debug' : 'info',
      format: isLogFormat(given.get('log') ?? 'text', '--log'),
    },
    caFile: given.get('ca-file'),
    showPassword: !given.has('password'),
  }
}

/** What says who may log in, and what he may do. */
const OF_THE_USER = ['username', 'password', 'directory']

function userOf(given: Given): FixtureUser {
  const { username, password } = defaultUser
  const readOnly = given.has('directory') && !given.has('write')
  return {
    username: given.get('username') ?? username,
    password: given.get('password') ?? password,
    ...(readOnly && { perm: READ_PERMS }),
  }
}

function parse(args: readonly string[]): Given {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { short, value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  )
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<string, string>()
  for (const token of tokens) {
    if (token.kind === 'option') given.set(token.name, givenValue(token))
  }
  const [action = 'serve', ...rest] = positionals
  const stray = action === 'serve' ? rest[0] : action
  if (stray !== undefined) throw new UsageError(`unexpected argument "${stray}"`)
  return given
}

interface OptionToken {
  readonly name: string
  /** As it was written: `-p` or `--port`. */
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function givenValue({ name, rawName, value, inlineValue }: OptionToken): string {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (flag === undefined) throw unknown(rawName)
  if (flag.value === undefined) {
    if (value === undefined) return ''
    throw new UsageError(`${rawName} takes no value, found "${value}"`)
  }
  const missing = value === undefined || (!inlineValue && /^-./.test(value)) || (value === '' && !flag.mayBeEmpty)
  if (missing) throw new UsageError(`${rawName} needs a value: ${rawName} ${flag.value}`)
  return value
}

function unknown(rawName: string): UsageError {
  const near = rawName.startsWith('--') ? nearest(rawName.slice(2), new Set(Object.keys(flags))) : undefined
  const hint = near === undefined ? '--help shows them all' : `did you mean --${near}?`
  return new UsageError(`unknown option ${rawName}; ${hint}`)
}

/** Throws for options that contradict each other, or mean nothing without another one. */
function checkTogether(given: Given): void {
  for (const name of given.keys()) {
    const { needs = [], excludes = [] } = flags[name] ?? {}
    if (needs.length > 0 && !needs.some((other) => given.has(other))) {
      throw new UsageError(`--${name} goes with ${needs.map((other) => `--${other}`).join(' or ')}`)
    }
    const other = excludes.find((each) => given.has(each))
    if (other !== undefined) throw new UsageError(`--${name} and --${other} exclude each other`)
  }
  if (given.has('log-prefix') && given.get('log') === 'json') {
    throw new UsageError('--log-prefix goes with --log text: JSON has the fields themselves')
  }
  if (given.has('scenario') && (given.get('concurrency') ?? 'async') !== 'async') {
    throw new UsageError('--scenario goes with --concurrency async: its rules count in one place')
  }
  if (given.has('anonymous') && given.get('username') === 'anonymous') {
    throw new UsageError('--anonymous and --username anonymous exclude each other')
  }
}
