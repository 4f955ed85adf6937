import { inspect } from 'node:util'
import { isNativeError } from 'node:util/types'
import { commandDetail, type FtpEvent, revealArgument } from '../handlers/events.ts'
import { FtpFixtureError, type FtpFixtureErrorCode } from '../options/error.ts'

/** An error as it crosses to another thread or process: classes, methods and own fields do not. */
export interface PortableError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
  readonly cause: PortableError | undefined
}

/** An event as it crosses to another thread or process, with what is hidden in it beside it. */
export interface PortableEvent {
  readonly event: FtpEvent
  readonly secret?: string
  readonly error?: PortableError
}

/** An error, or whatever else was thrown, in a form that can be sent. */
export function packError(error: unknown): PortableError {
  if (!isNativeError(error)) {
    const message = typeof error === 'string' ? error : inspect(error)
    return { name: 'Error', message, stack: undefined, code: undefined, cause: undefined }
  }
  const { name, message, stack, code, cause } = error as NodeJS.ErrnoException
  return {
    name: String(name),
    message: String(message),
    stack: stack === undefined ? undefined : String(stack),
    code: typeof code === 'string' ? code : undefined,
    cause: isNativeError(cause) ? packError(cause) : undefined,
  }
}

/** The error that was sent, or one like it. */
export function unpackError({ name, message, stack, code, cause }: PortableError): Error {
  const options = cause && { cause: unpackError(cause) }
  if (name === FtpFixtureError.name) return new FtpFixtureError(code as FtpFixtureErrorCode, message, options)
  const error = new Error(message, options)
  const hidden = { configurable: true, writable: true, enumerable: false }
  Object.defineProperty(error, 'name', { ...hidden, value: name })
  if (stack !== undefined) Object.defineProperty(error, 'stack', { ...hidden, value: stack })
  return code === undefined ? error : Object.assign(error, { code })
}

/** An event in a form that can be sent, the secret of a command with it. */
export function packEvent(event: FtpEvent): PortableEvent {
  if (event.type === 'error') return { event: { ...event, error: undefined }, error: packError(event.error) }
  if (event.type !== 'command') return { event }
  const argument = revealArgument(event)
  return argument === event.argument ? { event } : { event, secret: argument }
}

/** The event that was sent; `revealArgument` finds its secret again. */
export function unpackEvent({ event, secret, error }: PortableEvent): FtpEvent {
  if (event.type === 'error' && error !== undefined) return { ...event, error: unpackError(error) }
  if (event.type !== 'command' || secret === undefined) return event
  const { at, session } = event
  return Object.assign(commandDetail(event.verb, secret, true), { at, session })
}
