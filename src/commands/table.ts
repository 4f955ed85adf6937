import type { PermissionLetter } from '../authorizers/authorizer.ts'
import type { Session } from '../handlers/session.ts'
import { invalidOption, isFunction, isString, oneOf } from '../options/check.ts'
import type { Reply } from '../protocol/reply.ts'

/**
 * What a command takes for its argument field, and what its `run` is given for it:
 * - `none` nothing; an argument is refused.
 * - `text`, `text?` words as they are; with `?` they may be missing ('').
 * - `path`, `path?` a path, given absolute; a missing one is the current directory.
 * - `path or root` a path; a missing one is the root.
 * - `path or nothing` a path, or ''; with a path the command needs a login.
 * - `listing path?` as `path?`, but `-a`, `-l` and the like are options of `ls` and no path.
 * - `value path` a word, then a path: `run` gets the path, and the word as its third parameter.
 * - `parent` nothing; the directory above the current one is the path.
 */
export type ArgumentRule = (typeof ARGUMENT_RULES)[number]

const ARGUMENT_RULES = [
  'none',
  'text',
  'text?',
  'path',
  'path?',
  'path or root',
  'path or nothing',
  'listing path?',
  'value path',
  'parent',
] as const

const isArgumentRule = oneOf(...ARGUMENT_RULES)

/** All there is to know of one command: the guards, HELP and FEAT are derived from it. */
export interface CommandSpec {
  readonly argument: ArgumentRule
  /** Its syntax, as HELP shows it. */
  readonly help: string
  /** Whether it may be used before a login. Default: it may not. */
  readonly beforeLogin?: true
  /** The permission it needs, asked for its path. */
  readonly perm?: PermissionLetter
  /** Its line in FEAT; nothing is shown where the function says `undefined`. */
  readonly feature?: string | ((session: Session) => string | undefined)
  /** It uses the data connection: when it is refused, the one that was set up is closed. */
  readonly transfers?: true
  /** It sets up a data connection in a way that EPSV ALL forbids (RFC 2428 §4). */
  readonly endsWithEpsvAll?: true
  /** The connection that must be encrypted for it where the server requires that; with `transfers`, the data connection. */
  readonly protects?: 'control' | 'data'
  /** It may come behind Telnet signals (RFC 959 §4.1.3, RFC 1123 §4.1.2.10), so what stands before its verb is passed over. */
  readonly urgent?: true
  /** Its argument is masked wherever it is shown. */
  readonly secret?: true
  run(session: Session, argument: string, value: string): Reply | Promise<Reply>
}

/** Commands by verb; two words (`SITE CHMOD`) make a verb of their own. */
export type CommandTable = Readonly<Record<string, CommandSpec>>

/** Where in a text the first verb ends whose argument is secret, whatever stands behind it; `undefined` without one. */
export function endOfSecretVerb(table: CommandTable, text: string): number | undefined {
  const secrets = Object.keys(table).filter((verb) => table[verb]?.secret)
  const found = secrets.length === 0 ? null : new RegExp(`(?<![A-Z])(?:${secrets.join('|')})`, 'i').exec(text)
  return found === null ? undefined : found.index + found[0].length
}

/** Throws `FtpFixtureError` for the first entry that could not work, naming it. */
export function checkCommands(table: CommandTable, option: string): void {
  if (typeof table !== 'object' || table === null) throw invalidOption(option, table, 'a table of commands')
  for (const [verb, spec] of Object.entries(table)) {
    const entry = `${option}["${verb}"]`
    if (!/^[^a-z ]+( [^a-z ]+)?$/.test(verb)) throw invalidOption(entry, verb, 'a verb of one or two words in capitals')
    if (typeof spec !== 'object' || spec === null) throw invalidOption(entry, spec, '{ argument, help, run }')
    isArgumentRule(spec.argument, `${entry}.argument`)
    isString(spec.help, `${entry}.help`)
    isFunction(spec.run, `${entry}.run`)
  }
}
