import type { StartFtpServerOptions } from '../fixture/options.ts'
import { nearest } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'

/** What stands in the comment at the top of a test file, as jest reads it. */
export type Pragmas = Readonly<Record<string, string | readonly string[]>>

const PREFIX = 'ftp'

/** What each pragma sets; one that takes no value is a switch. */
const PRAGMAS: Readonly<Record<string, (value: string) => StartFtpServerOptions>> = {
  'ftp-scenario': (scenario) => ({ scenario: needed('ftp-scenario', scenario, 'slow-download') }),
  'ftp-files': (files) => ({ files: needed('ftp-files', files, 'basic') }),
  'ftp-tls': (value) => ({ tls: isOn(value) }),
}

/** The options that a test file's pragmas set. Throws for one of ours that is unknown, given twice or has no value. */
export function pragmaOptions(pragmas: Pragmas): StartFtpServerOptions {
  const ours = Object.entries(pragmas).filter(([name]) => name.startsWith(PREFIX))
  return Object.assign({}, ...ours.map(([name, value]) => optionOf(name, value)))
}

function optionOf(name: string, value: string | readonly string[]): StartFtpServerOptions {
  const read = Object.hasOwn(PRAGMAS, name) ? PRAGMAS[name] : undefined
  if (read === undefined) {
    const near = nearest(name, new Set(Object.keys(PRAGMAS)))
    const known = Object.keys(PRAGMAS).map((known) => `@${known}`)
    const hint = near === undefined ? `one of: ${known.join(', ')}` : `did you mean "@${near}"?`
    throw new FtpFixtureError('ERR_OPTION_UNKNOWN', `@${name}: unknown pragma; ${hint}`)
  }
  if (typeof value === 'string') return read(value.trim())
  throw invalidPragma(name, `is there ${value.length} times (${value.join(', ')}); a test file has one server`)
}

function needed(name: string, value: string, example: string): string {
  if (value !== '' && !/\s/.test(value)) return value
  throw invalidPragma(name, `expected one name, as in "@${name} ${example}", found "${value}"`)
}

function isOn(value: string): boolean {
  if (value === '' || value === 'true') return true
  if (value === 'false') return false
  throw invalidPragma('ftp-tls', `expected nothing, "true" or "false" behind it, found "${value}"`)
}

function invalidPragma(name: string, problem: string): FtpFixtureError {
  return new FtpFixtureError('ERR_OPTION_INVALID', `@${name}: ${problem}`)
}
