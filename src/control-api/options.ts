import { randomBytes } from 'node:crypto'
import { type Checks, check, isObject, isString, rejectUnknownKeys, resolveBy, wholeNumber } from '../options/check.ts'
import { parseSize, type Size } from '../options/units.ts'

/** How the control API of a fixture is served. Every field may be left out. */
export interface ControlApiOptions {
  /** Address to listen on; requests have to be made by this name, or one of the machine's own. Default: '127.0.0.1'. */
  host?: string
  /** Port to listen on; 0 takes a free one. Default: 0. */
  port?: number
  /** What every request has to show. Default: 128 random bits, in base64url. */
  token?: string
  /** How large a file may be that is written through the API. Default: '64MiB'. */
  maxBody?: Size
}

/** The options as the API uses them. */
export interface ResolvedControlApiOptions {
  readonly host: string
  readonly port: number
  readonly token: string
  readonly maxBody: number
}

const isToken = check(
  'letters, digits and signs without spaces',
  (value): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value),
)

const checks: Checks<ResolvedControlApiOptions> = {
  host: isString,
  port: wholeNumber(0, 65_535),
  token: isToken,
  maxBody: parseSize,
}

/** The options, complete; throws `FtpFixtureError` for the first that is unknown or wrong. */
export function resolveControlApiOptions(given: ControlApiOptions): ResolvedControlApiOptions {
  rejectUnknownKeys(isObject(given, 'options'), Object.keys(checks))
  const token = randomBytes(16).toString('base64url')
  return resolveBy(checks, given, { host: '127.0.0.1', port: 0, token, maxBody: '64MiB' })
}
