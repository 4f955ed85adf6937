import { type Check, invalidOption } from '../options/check.ts'

/** What the log knows of a session. */
export interface LogFields {
  readonly remoteAddress: string
  readonly remotePort: number
  /** Who is logged in, '' for nobody. */
  readonly username: string
  /** The number of the session. */
  readonly session: number
}

/** What a log line of a session begins with: a template with `{field}`s in it, or what makes it of the fields. */
export type LogPrefix = string | ((fields: LogFields) => string)

/** As pyftpdlib has it. */
export const DEFAULT_LOG_PREFIX = '{remoteAddress}:{remotePort}-[{username}]'

const FIELDS: readonly string[] = Object.keys({
  remoteAddress: 0,
  remotePort: 0,
  username: 0,
  session: 0,
} satisfies Record<keyof LogFields, 0>)

const FIELD = /\{(\w*)\}/g

/** Checks the option `logPrefix`. */
export const isLogPrefix: Check<LogPrefix> = (value, name) => {
  if (typeof value === 'function') return value as LogPrefix
  if (typeof value !== 'string') throw invalidOption(name, value, 'a template or a function')
  const unknown = [...value.matchAll(FIELD)].find(([, field = '']) => !FIELDS.includes(field))
  if (unknown === undefined) return value
  const known = FIELDS.map((field) => `{${field}}`).join(', ')
  throw invalidOption(name, value, `no other fields than ${known} (there is no ${unknown[0]})`)
}

/** The prefix for a session. */
export function formatPrefix(prefix: LogPrefix, fields: LogFields): string {
  if (typeof prefix === 'function') return String(prefix(fields))
  return prefix.replace(FIELD, (_, field: keyof LogFields) => String(fields[field]))
}
