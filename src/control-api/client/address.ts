import { type Check, invalidOption, isString, objectLike, rejectUnknownKeys } from '../../options/check.ts'

/** Where a control API is, and what opens it. */
export interface ControlAddress {
  readonly host: string
  readonly port: number
  readonly token: string
  /** The lane that is meant; missing for the whole server. */
  readonly lane?: string | undefined
}

/** How to reach a control API. */
export interface ConnectOptions {
  /** Default: the password in the URL, or else `FTP_CONTROL_TOKEN` of the environment. */
  token?: string | undefined
}

const EXAMPLE = "the URL of a control API, such as 'http://127.0.0.1:49321'"

/** What is no token may be one all the same, mistyped: it is not shown. */
const isToken: Check<string> = (value, name) => {
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) return value
  const expected =
    "the control API's token: as an option, as password in the URL, or as FTP_CONTROL_TOKEN in the environment"
  throw invalidOption(name, value === undefined ? value : '***', expected)
}

/** Reads a URL, options and the environment; throws for what cannot be the address of a control API. */
export function controlAddress(
  url: unknown,
  options: ConnectOptions,
  environment: Readonly<Record<string, string | undefined>>,
): ControlAddress {
  objectLike('{ token }')(options, 'options')
  rejectUnknownKeys(options, ['token'])
  const name = url === undefined ? 'FTP_CONTROL_URL' : 'url'
  const parsed = parse(url ?? environment.FTP_CONTROL_URL, name)
  const { hostname, port, password } = parsed
  const token = options.token ?? (password === '' ? environment.FTP_CONTROL_TOKEN : decoded(password))
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 80),
    token: isToken(token, 'token'),
    lane: laneOf(parsed, name),
  }
}

/** `http://127.0.0.1:49321`, for messages and headers: without the token. */
export function originOf({ host, port }: ControlAddress): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** What stands before the path of each request. */
export function baseOf({ lane }: ControlAddress): string {
  return lane === undefined ? '' : `/lanes/${encodeURIComponent(lane)}`
}

function parse(url: unknown, name: string): URL {
  if (url === undefined) {
    throw invalidOption('url', url, `${EXAMPLE}, here or as FTP_CONTROL_URL in the environment`)
  }
  const text = url instanceof URL ? url.href : isString(url, name)
  // What is shown of a wrong one must not give away the token.
  const shown = text.replace(/\/\/.*@/s, '//***@')
  if (!URL.canParse(text)) throw invalidOption(name, shown, EXAMPLE)
  const parsed = new URL(text)
  if (parsed.protocol !== 'http:') throw invalidOption(name, shown, EXAMPLE)
  return parsed
}

function laneOf({ pathname, origin }: URL, name: string): string | undefined {
  if (pathname === '/') return undefined
  const [, lane] = /^\/lanes\/([^/]+)\/?$/.exec(pathname) ?? []
  if (lane === undefined) throw invalidOption(name, origin + pathname, `${EXAMPLE}, with no path or one of a lane`)
  return decoded(lane)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
