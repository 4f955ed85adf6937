import { types } from 'node:util'
import type { FtpHandle } from '../fixture/handle.ts'
import { isTranscript } from '../fixture/transcript.ts'
import { invalidOption } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'

/** Whether something is a hold on a server; it may come from another copy of this package. */
export function isHandle(value: unknown): value is FtpHandle {
  if (typeof value !== 'object' || value === null) return false
  const { transcript, verify, waitFor } = value as Partial<FtpHandle>
  return isTranscript(transcript) && typeof verify === 'function' && typeof waitFor === 'function'
}

/** The hold on a server that a matcher was given. Throws for anything else. */
export function handleOf(value: unknown, name: string): FtpHandle {
  if (isHandle(value)) return value
  const { code, message } = invalidOption(
    `${name}: received`,
    value,
    'a server, as startFtpServer() and connectFtpServer() give it',
  )
  throw new FtpFixtureError(code, types.isPromise(value) ? `${message}; await it first` : message)
}
