import type { EventEmitter } from 'node:events'
import { beforeEach, expect, test, vi } from 'vitest'
import { stopRequest } from '../../src/cli/stop-request.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What `stopRequest` listens to. */
const HEARD: readonly (readonly [EventEmitter, string])[] = [
  ...SIGNALS.map((signal) => [process, signal] as const),
  [process.stdout, 'error'],
  [process.stderr, 'error'],
]

beforeEach(() => {
  const before = HEARD.map(([emitter, type]) => emitter.rawListeners(type))
  vi.useFakeTimers()
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
  return () => {
    exit.mockRestore()
    vi.useRealTimers()
    for (const [index, [emitter, type]] of HEARD.entries()) {
      const added = emitter.rawListeners(type).filter((listener) => !before[index]?.includes(listener))
      for (const listener of added) emitter.off(type, listener as () => void)
    }
  }
})

/** What the first wish to stop leads to; `signal` is a signal that comes behind it. */
async function stopped(wish: () => void) {
  const told: string[] = []
  const request = stopRequest((line) => told.push(line))
  wish()
  return { told, reason: await request, signal: (signal: NodeJS.Signals) => process.emit(signal, signal) }
}

test.each([
  ['SIGINT', () => process.emit('SIGINT', 'SIGINT')],
  ['EPIPE', () => process.stdout.emit('error', new Error('EPIPE'))],
])('for a second, further signals are the same wish; then one ends the process hard: %s', async (why, wish) => {
  const { told, reason, signal } = await stopped(wish)
  expect(reason).toBe(why)
  vi.advanceTimersByTime(999)
  for (const each of SIGNALS) signal(each)
  expect(process.exit).not.toHaveBeenCalled()
  expect(told).toEqual([])
  vi.advanceTimersByTime(1)
  expect(told).toEqual(['Still stopping; another signal ends it hard\n'])
  expect(process.exit).not.toHaveBeenCalled()
  signal('SIGTERM')
  expect(process.exit).toHaveBeenCalledExactlyOnceWith(130)
})
