import type { Authorizer } from '../authorizers/authorizer.ts'
import { isObject, rejectUnknownKeys } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'
import type { HandlerClass } from './handler-class.ts'
import type { FTPServerOptions, OptionChanges, ServerOptions } from './options.ts'

/**
 * What a module gives to the workers of a `ThreadedFTPServer` or a `MultiprocessFTPServer`: all that is code, or holds
 * code, and so cannot be sent to them. The module's default export is this, or a function that makes it.
 */
export interface ServerParts {
  /** Who may log in. */
  authorizer: Authorizer
  /** The class of control connections. Default: FTPHandler. */
  handler?: HandlerClass
  /** The class that sessions see their files through. Default: AbstractedFS. */
  abstractedFs?: NonNullable<FTPServerOptions['abstractedFs']>
  /** The class of data connections. Default: the one that belongs to the handler. */
  dtpHandler?: NonNullable<FTPServerOptions['dtpHandler']>
  /** The greeting's text, or what makes one for each connection. */
  banner?: NonNullable<ServerOptions['banner']>
  /** The context of TLS, or a function that picks one. */
  sslContext?: NonNullable<ServerOptions['sslContext']>
}

const PARTS: readonly (keyof ServerParts)[] = [
  'authorizer',
  'handler',
  'abstractedFs',
  'dtpHandler',
  'banner',
  'sslContext',
]

/** Loads the parts of a server from a module; `data` is for the function that makes them, if it is one. */
export async function loadParts(module: string, data: unknown): Promise<ServerParts> {
  const parts = await made(await import(module), data)
  rejectUnknownKeys(isObject(parts, 'module: default export'), PARTS, 'part')
  return parts as ServerParts
}

async function made(loaded: { readonly default?: unknown }, data: unknown): Promise<unknown> {
  const exported = loaded.default
  // A compiler of ES modules to CommonJS has put the default export one step deeper.
  const nested = exported as { readonly __esModule?: boolean; readonly default?: unknown } | null | undefined
  const value = nested?.__esModule ? nested.default : exported
  return typeof value === 'function' ? value(data) : value
}

/** Options as they are sent to a worker; throws `FtpFixtureError` for those that hold code. */
export function sendable<T extends OptionChanges>({ logPrefix: _, ...options }: T): Omit<T, 'logPrefix'> {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (typeof value !== 'function' && name !== 'sslContext')) continue
    throw cannotBeSent(name)
  }
  return options
}

/** The error for what cannot be sent to a worker. */
export function cannotBeSent(name: string, cause?: unknown): FtpFixtureError {
  const message = `${name}: cannot be sent to a worker; put it into the module that the workers load`
  return new FtpFixtureError('ERR_OPTION_INVALID', message, { cause })
}
