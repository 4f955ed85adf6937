import type { SecureContext, SecureContextOptions, SecureVersion } from 'node:tls'
import {
  type Check,
  type Checks,
  check,
  invalidOption,
  isBoolean,
  isString,
  optional,
  resolveBy,
  wholeNumber,
} from '../options/check.ts'
import { type Duration, parseDuration } from '../options/units.ts'

/** What the options say of every context, as `tls.createSecureContext` takes it. */
export type ContextSettings = Pick<SecureContextOptions, 'minVersion' | 'maxVersion' | 'secureOptions'>

/**
 * Which certificate a server shows: one context for all, or the one for the name that the client asks for ('' for none);
 * a function is given what `sslProtocol` and `sslOptions` say, to make its contexts by.
 */
export type ContextChoice = SecureContext | ((servername: string, settings: ContextSettings) => SecureContext)

/** One version of TLS, or the oldest and the newest one. */
export type TlsVersions = SecureVersion | { readonly min?: SecureVersion; readonly max?: SecureVersion }

/** How a `TLS_FTPHandler` encrypts (RFC 4217). It needs `certfile` or `sslContext`; every other field may be left out. */
export interface TlsOptions {
  /** The PEM file with the certificate, the others of its chain behind it. */
  certfile?: string | undefined
  /** The PEM file with the private key. Default: it stands in `certfile`. */
  keyfile?: string | undefined
  /** A context of `tls.createSecureContext`, or a function that picks one, in place of `certfile`. */
  sslContext?: ContextChoice | undefined
  /** The versions of TLS spoken. Default: those of Node, TLS 1.2 and 1.3. */
  sslProtocol?: TlsVersions | undefined
  /** OpenSSL's options, the sum of `SSL_OP_…` of `crypto.constants`. Default: 0. */
  sslOptions?: number
  /** Whether USER and PASS are refused with 550 until AUTH has encrypted the control connection. Default: false. */
  tlsControlRequired?: boolean
  /** Whether data connections are refused with 550 until PROT P encrypts them. Default: false. */
  tlsDataRequired?: boolean
  /**
   * Whether an encrypted upload that ends without close_notify is 426, as one that was cut; otherwise a FIN is an end of it
   * too, as it is for many servers. Default: true.
   */
  tlsCloseNotifyRequired?: boolean
  /** Whether TLS begins with the connection, before the greeting, as on port 990. Default: false. */
  implicitTls?: boolean
  /** How long a TLS handshake may take; 0 is for ever. Default: '30s'. */
  tlsHandshakeTimeout?: Duration
}

/** The options of TLS as the handlers use them. */
export interface ResolvedTlsOptions {
  certfile: string | undefined
  keyfile: string | undefined
  sslContext: ContextChoice | undefined
  sslProtocol: { readonly min?: SecureVersion; readonly max?: SecureVersion } | undefined
  sslOptions: number
  tlsControlRequired: boolean
  tlsDataRequired: boolean
  tlsCloseNotifyRequired: boolean
  implicitTls: boolean
  tlsHandshakeTimeout: number
}

const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

const isVersion = check(VERSIONS.map((version) => `'${version}'`).join(' or '), (value): value is SecureVersion =>
  VERSIONS.includes(value as SecureVersion),
)

const versions: Check<NonNullable<ResolvedTlsOptions['sslProtocol']>> = (value, name) => {
  if (typeof value !== 'object' || value === null) {
    const only = isVersion(value, name)
    return { min: only, max: only }
  }
  const { min, max } = value as { readonly min?: unknown; readonly max?: unknown }
  const range = {
    ...(min !== undefined && { min: isVersion(min, `${name}.min`) }),
    ...(max !== undefined && { max: isVersion(max, `${name}.max`) }),
  }
  if (range.min !== undefined && range.max !== undefined && VERSIONS.indexOf(range.max) < VERSIONS.indexOf(range.min)) {
    throw invalidOption(name, value, 'a "max" that is not below "min"')
  }
  return range
}

/** What `tls.createSecureContext()` makes. */
export const isContext: Check<SecureContext> = check(
  'a context of tls.createSecureContext()',
  (value): value is SecureContext => typeof value === 'object' && value !== null && 'context' in value,
)

const isContextChoice: Check<ContextChoice> = (value, name) =>
  typeof value === 'function' ? (value as ContextChoice) : isContext(value, name)

/** A checker for each option. */
export const tlsChecks: Checks<ResolvedTlsOptions> = {
  certfile: optional(isString),
  keyfile: optional(isString),
  sslContext: optional(isContextChoice),
  sslProtocol: optional(versions),
  sslOptions: wholeNumber(0),
  tlsControlRequired: isBoolean,
  tlsDataRequired: isBoolean,
  tlsCloseNotifyRequired: isBoolean,
  implicitTls: isBoolean,
  tlsHandshakeTimeout: parseDuration,
}

export const tlsDefaults: Required<TlsOptions> = {
  certfile: undefined,
  keyfile: undefined,
  sslContext: undefined,
  sslProtocol: undefined,
  sslOptions: 0,
  tlsControlRequired: false,
  tlsDataRequired: false,
  tlsCloseNotifyRequired: true,
  implicitTls: false,
  tlsHandshakeTimeout: '30s',
}

/** Throws for an option of TLS that is set: whoever asked for it must not go without. */
export function rejectTlsOptions(options: ResolvedTlsOptions): void {
  const unset = resolveBy(tlsChecks, {}, tlsDefaults)
  for (const name of Object.keys(tlsChecks) as (keyof ResolvedTlsOptions)[]) {
    if (options[name] !== unset[name])
      throw invalidOption(name, options[name], "a TLS_FTPHandler to go with it ('tls: true' for a fixture)")
  }
}

/** What `sslProtocol` and `sslOptions` say of a context. */
export function contextSettings({
  sslProtocol,
  sslOptions,
}: Pick<ResolvedTlsOptions, 'sslProtocol' | 'sslOptions'>): ContextSettings {
  return {
    secureOptions: sslOptions,
    ...(sslProtocol?.min && { minVersion: sslProtocol.min }),
    ...(sslProtocol?.max && { maxVersion: sslProtocol.max }),
  }
}

/** Throws for options that `sslContext` would leave without effect. */
export function rejectBesideContext({ sslContext, ...options }: ResolvedTlsOptions): void {
  if (sslContext === undefined) return
  const { certfile, keyfile, sslProtocol, sslOptions } = options
  const isReady = typeof sslContext !== 'function'
  const idle = { certfile, keyfile, ...(isReady && { sslProtocol, sslOptions: sslOptions || undefined }) }
  for (const [name, value] of Object.entries(idle)) {
    if (value !== undefined) throw invalidOption(name, value, 'no "sslContext" beside it')
  }
}
