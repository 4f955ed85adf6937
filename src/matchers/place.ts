import { FtpFixtureError } from '../options/error.ts'

type Matcher = (...args: never[]) => unknown

/** The frames of the stack above a matcher: where it was called. Behind an `await` they are not there any more. */
export function placeOf(matcher: Matcher): string {
  const called: { stack?: string } = {}
  Error.captureStackTrace(called, matcher)
  return called.stack?.split('\n').slice(1).join('\n') ?? ''
}

/**
 * What a matcher rejects with, as an error that has the place of the call before its own; where the server has been
 * stopped meanwhile, nobody may have waited for the answer.
 */
export function placed(error: unknown, name: string, place: string): unknown {
  if (!(error instanceof Error)) return error
  const isStopped = (error as { readonly code?: unknown }).code === 'ERR_STOPPED'
  const told = isStopped ? new FtpFixtureError('ERR_STOPPED', `${name}: ${error.message}; was this awaited?`) : error
  const stack = told.stack ?? ''
  const end = stack.indexOf(told.message) + told.message.length
  told.stack = `${stack.slice(0, end)}\n${place}${stack.slice(end)}`
  return told
}

/** An answer for a runner: the runner's own error, made in what it gives to `then`, gets the place of the call, too. */
export function placing<T>(answer: Promise<T>, name: string, place: string): Promise<T> {
  const plain = answer.then.bind(answer) as Promise<T>['then']
  const then: Promise<T>['then'] = (onAnswer, onFailure) =>
    plain(onAnswer, onFailure).catch((error: unknown) => {
      throw placed(error, name, place)
    })
  return Object.assign(answer, { then })
}
