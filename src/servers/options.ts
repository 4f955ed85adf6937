import type { Authorizer } from '../authorizers/authorizer.ts'
import type { AbstractedFS } from '../filesystems/abstracted-fs.ts'
import type { FilesystemUser } from '../filesystems/filesystem-user.ts'
import type { DTPHandler } from '../handlers/dtp-handler.ts'
import type { FtpEvent } from '../handlers/events.ts'
import {
  type HandlerOptions,
  handlerChecks,
  handlerDefaults,
  type ResolvedHandlerOptions,
} from '../handlers/options.ts'
import type { Session } from '../handlers/session.ts'
import { type ResolvedTlsOptions, type TlsOptions, tlsChecks, tlsDefaults } from '../handlers/tls-options.ts'
import type { IOLoop } from '../ioloop/ioloop.ts'
import {
  type Check,
  invalidOption,
  isFunction,
  isObject,
  optional,
  rejectUnknownKeys,
  resolveBy,
  wholeNumber,
} from '../options/check.ts'
import { type LogLevel, type LogOptions, resolveLog } from './log-options.ts'
import { version } from './version.ts'

/** A class of data connections. */
export type DTPHandlerClass = new (session: Session) => DTPHandler

/** Limits of a server. */
export interface LimitOptions {
  /** Connections at a time, control and data together; one too many gets 421 or 425. Default: 512. */
  maxCons?: number
  /** Control connections at a time from one address; 0 is no limit. Default: 0. */
  maxConsPerIp?: number
  /** Connections that may wait to be accepted. Default: 512. */
  backlog?: number
}

/** The options that can be written down; all but `backlog` can be changed while a server runs. */
export interface ServerOptions extends HandlerOptions, LimitOptions, TlsOptions {}

/** Options to change; `undefined` means the default. */
export type OptionChanges = { [K in keyof ServerOptions]?: ServerOptions[K] | undefined }

/** How a server and its sessions behave. Every field may be left out but the authorizer. */
export interface FTPServerOptions extends ServerOptions {
  /** Who may log in. */
  authorizer: Authorizer
  /** The class that sessions see their files through. Default: AbstractedFS. */
  abstractedFs?: new (
    root: string,
    user: FilesystemUser,
  ) => AbstractedFS
  /** The class of data connections. Default: the one that belongs to the handler, with limits of rate. */
  dtpHandler?: DTPHandlerClass
  /** The owner of time, which outlives the server. Default: one of its own, on the machine's clock. */
  ioloop?: IOLoop
  /** Told all that happens, as it happens. */
  onEvent?: (event: FtpEvent) => void
  /** What is written of all that happens: how much, or how in detail. Default: nothing. */
  log?: LogLevel | LogOptions
}

/** The options as the server uses them: complete, checked, in their inner units. */
export interface ResolvedServerOptions extends ResolvedHandlerOptions, ResolvedTlsOptions {
  maxCons: number
  maxConsPerIp: number
  backlog: number
}

export const serverChecks: { readonly [K in keyof ResolvedServerOptions]: Check<ResolvedServerOptions[K]> } = {
  ...handlerChecks,
  ...tlsChecks,
  maxCons: wholeNumber(1),
  maxConsPerIp: wholeNumber(0),
  backlog: wholeNumber(1),
}

export const serverDefaults: Required<ServerOptions> = {
  ...handlerDefaults,
  ...tlsDefaults,
  banner: `ftp-fixture ${version} ready.`,
  maxCons: 512,
  maxConsPerIp: 0,
  // pyftpdlib has 100. As a client says nothing first, one that finds no place waits many seconds for its greeting.
  backlog: 512,
}

const parts = ['authorizer', 'abstractedFs', 'dtpHandler', 'ioloop', 'onEvent', 'log'] as const

/** Throws `FtpFixtureError` for an object or a class that cannot do its part. */
export function checkParts(options: FTPServerOptions): void {
  const { authorizer, abstractedFs, dtpHandler, onEvent, log } = options ?? {}
  if (typeof authorizer?.validateAuthentication !== 'function') {
    throw invalidOption('authorizer', authorizer, 'an authorizer, a DummyAuthorizer say')
  }
  for (const [name, part] of Object.entries({ abstractedFs, dtpHandler, onEvent })) optional(isFunction)(part, name)
  optional(resolveLog)(log, 'log')
}

/** The options in their inner form; throws `FtpFixtureError` naming the first one that is unknown or wrong. */
export function resolveServerOptions(options: ServerOptions): ResolvedServerOptions {
  rejectUnknownKeys(options, [...Object.keys(serverChecks), ...parts])
  return resolveBy(serverChecks, options, serverDefaults)
}

/** Options with some of them changed, `undefined` meaning the default; throws as `resolveServerOptions` does. */
export function changeServerOptions(current: ResolvedServerOptions, changes: OptionChanges): ResolvedServerOptions {
  const names = Object.keys(isObject(changes, 'changes')) as (keyof ServerOptions)[]
  rejectUnknownKeys(changes, Object.keys(serverChecks))
  const changed = resolveServerOptions(changes as ServerOptions)
  return { ...current, ...Object.fromEntries(names.map((name) => [name, changed[name]])) }
}
