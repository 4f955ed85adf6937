import { isIP, isIPv4 } from 'node:net'
import {
  type Check,
  check,
  invalidOption,
  isBoolean,
  isString,
  oneOf,
  optional,
  wholeNumber,
} from '../options/check.ts'
import { type Duration, parseDuration, parseRate, parseSize, type Rate, type Size } from '../options/units.ts'
import { unmapAddress } from '../protocol/address.ts'
import { type Encoding, encodingNamed } from '../protocol/encoding.ts'
import { DEFAULT_LOG_PREFIX, isLogPrefix, type LogPrefix } from './log-prefix.ts'

/** Ports for passive data connections: some ports, or a range with both ends in it. */
export type PortChoice = readonly number[] | { readonly from: number; readonly to: number }

/** How sessions behave. Every field may be left out. */
export interface HandlerOptions {
  /**
   * Silence on the control connection, with no transfer running, after which it ends with 421; so long it may also be
   * without a login. 0 is never. Default: '300s'.
   */
  timeout?: Duration
  /** The greeting's text, or what makes one for each connection. Default: 'ftp-fixture <version> ready.' */
  banner?: string | (() => string)
  /** Failed logins after which the connection is closed. Default: 3. */
  maxLoginAttempts?: number
  /** How long the reply to a failed login waits (RFC 2577 §5). Default: '3s'. */
  authFailedTimeout?: Duration
  /** Whether data connections may go to or come from other hosts than the client's (FXP). Default: false (RFC 2577 §3). */
  permitForeignAddresses?: boolean
  /** Whether PORT and EPRT may name a port below 1024. Default: false (RFC 2577 §3). */
  permitPrivilegedPorts?: boolean
  /** The IPv4 address that PASV announces, as behind NAT. Default: that of the control connection. */
  masqueradeAddress?: string | undefined
  /** The address that PASV announces for each local address; goes before `masqueradeAddress`. Default: {}. */
  masqueradeAddressMap?: Readonly<Record<string, string>>
  /** Ports for passive data connections, tried in random order. Default: any free one. */
  passivePorts?: PortChoice | undefined
  /** Whether times in listings, MDTM and MFMT are GMT rather than local. Default: true. */
  useGmtTimes?: boolean
  /** Whether sockets get TCP_NODELAY. Default: true. */
  tcpNoDelay?: boolean
  /** The encoding of commands, replies and listings: 'utf-8', 'latin1', 'cp1252', 'shift-jis' and others. Default: 'utf-8'. */
  encoding?: Encoding
  /** Whether bytes that are not in the encoding are replaced or refused with 501. Default: 'replace'. */
  unicodeErrors?: 'replace' | 'strict'
  /** Standstill of a transfer after which the session ends with 421; 0 is never. Default: '300s'. */
  dataTimeout?: Duration
  /** How long a passive data connection is awaited; 0 is for ever. Default: '30s'. */
  passiveTimeout?: Duration
  /** How long an active data connection may take to open; 0 is as long as the system tries. Default: '30s'. */
  activeTimeout?: Duration
  /** Bytes read from the network at once while receiving a file. Default: '1MiB'. */
  receiveBufferSize?: Size
  /** Bytes read from a file at once while sending it. Default: '1MiB'. */
  sendBufferSize?: Size
  /** Bytes per second that one data connection takes from the client at most; 0 is no limit. Default: 0. */
  readLimit?: Rate
  /** Bytes per second that one data connection sends at most; 0 is no limit. Default: 0. */
  writeLimit?: Rate
  /** Whether plain downloads go by sendfile(2), where the system and the optional package koffi have it. Default: true. */
  useSendfile?: boolean
  /**
   * What the lines of a session begin with in the `log`: a template with `{remoteAddress}`, `{remotePort}`, `{username}`
   * and `{session}` in it, or a function of these. Default: '{remoteAddress}:{remotePort}-[{username}]'.
   */
  logPrefix?: LogPrefix
}

/** The options as the handlers use them: complete, durations in milliseconds, sizes in bytes. */
export interface ResolvedHandlerOptions {
  timeout: number
  banner: string | (() => string)
  maxLoginAttempts: number
  authFailedTimeout: number
  permitForeignAddresses: boolean
  permitPrivilegedPorts: boolean
  masqueradeAddress: string | undefined
  masqueradeAddressMap: Readonly<Record<string, string>>
  passivePorts: readonly number[] | undefined
  useGmtTimes: boolean
  tcpNoDelay: boolean
  encoding: Encoding
  unicodeErrors: 'replace' | 'strict'
  dataTimeout: number
  passiveTimeout: number
  activeTimeout: number
  receiveBufferSize: number
  sendBufferSize: number
  readLimit: number
  writeLimit: number
  useSendfile: boolean
  logPrefix: LogPrefix
}

const isBanner = check(
  'a string or a function that makes one',
  (value): value is string | (() => string) => typeof value === 'string' || typeof value === 'function',
)
const isAddress = check('an IP address', (value): value is string => typeof value === 'string' && isIP(value) !== 0)
const isIPv4Address = check('an IPv4 address', (value): value is string => typeof value === 'string' && isIPv4(value))
const isPortNumber = wholeNumber(1, 65_535)

const isAddressMap: Check<Readonly<Record<string, string>>> = (value, name) => {
  if (typeof value !== 'object' || value === null) throw invalidOption(name, value, 'an object of IP addresses')
  for (const [from, to] of Object.entries(value)) {
    isAddress(from, `${name}: key`)
    isIPv4Address(to, `${name}["${from}"]`)
  }
  return Object.fromEntries(Object.entries(value).map(([from, to]) => [unmapAddress(from), to]))
}

const isEncoding: Check<Encoding> = (value, name) => {
  const encoding = encodingNamed(isString(value, name))
  if (encoding !== undefined) return encoding
  throw invalidOption(
    name,
    value,
    "an encoding that has ASCII in it, such as 'utf-8', 'latin1', 'cp1252' or 'shift-jis'",
  )
}

/** A list of ports, none twice. */
const portList: Check<readonly number[]> = (value, name) => {
  if (Array.isArray(value)) {
    if (value.length === 0) throw invalidOption(name, value, 'at least one port')
    return [...new Set(value.map((port, index) => isPortNumber(port, `${name}[${index}]`)))]
  }
  const { from, to } = (value ?? {}) as { readonly from?: unknown; readonly to?: unknown }
  if (from === undefined || to === undefined) throw invalidOption(name, value, 'a list of ports or { from, to }')
  const first = isPortNumber(from, `${name}.from`)
  const last = isPortNumber(to, `${name}.to`)
  if (last < first) throw invalidOption(name, value, 'a range whose "to" is not below its "from"')
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

const bufferSize: Check<number> = (value, name) => wholeNumber(1, 64 * 1024 * 1024)(parseSize(value, name), name)

/** A checker for each option. */
export const handlerChecks: { readonly [K in keyof ResolvedHandlerOptions]: Check<ResolvedHandlerOptions[K]> } = {
  timeout: parseDuration,
  banner: isBanner,
  maxLoginAttempts: wholeNumber(1),
  authFailedTimeout: parseDuration,
  permitForeignAddresses: isBoolean,
  permitPrivilegedPorts: isBoolean,
  masqueradeAddress: optional(isIPv4Address),
  masqueradeAddressMap: isAddressMap,
  passivePorts: optional(portList),
  useGmtTimes: isBoolean,
  tcpNoDelay: isBoolean,
  encoding: isEncoding,
  unicodeErrors: oneOf('replace', 'strict'),
  dataTimeout: parseDuration,
  passiveTimeout: parseDuration,
  activeTimeout: parseDuration,
  receiveBufferSize: bufferSize,
  sendBufferSize: bufferSize,
  readLimit: parseRate,
  writeLimit: parseRate,
  useSendfile: isBoolean,
  logPrefix: isLogPrefix,
}

export const handlerDefaults: Required<HandlerOptions> = {
  timeout: '300s',
  banner: '',
  maxLoginAttempts: 3,
  authFailedTimeout: '3s',
  permitForeignAddresses: false,
  permitPrivilegedPorts: false,
  masqueradeAddress: undefined,
  masqueradeAddressMap: {},
  passivePorts: undefined,
  useGmtTimes: true,
  tcpNoDelay: true,
  encoding: 'utf-8',
  unicodeErrors: 'replace',
  dataTimeout: '300s',
  passiveTimeout: '30s',
  activeTimeout: '30s',
  receiveBufferSize: '1MiB',
  sendBufferSize: '1MiB',
  readLimit: 0,
  writeLimit: 0,
  useSendfile: true,
  logPrefix: DEFAULT_LOG_PREFIX,
}
