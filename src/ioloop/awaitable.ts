import type { Awaitable } from '../authorizers/authorizer.ts'

/** Does the next step: at once where there is nothing to wait for, since each promise in between costs a small transfer time. */
export function andThen<T, U>(value: Awaitable<T>, step: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(step) : step(value)
}
