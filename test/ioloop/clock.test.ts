import { afterEach, describe, expect, test, vi } from 'vitest'
import { RealClock } from '../../src/ioloop/clock.ts'
import { IOLoop } from '../../src/ioloop/ioloop.ts'

const notManual = expect.objectContaining({ name: 'FtpFixtureError', code: 'ERR_CLOCK_NOT_MANUAL' })

afterEach(() => void vi.useRealTimers())

/** Resolves at the third call of a series, which ends there. */
function threeCalls(loop: IOLoop): Promise<void> {
  let calls = 0
  return new Promise((resolve) => {
    const series = loop.callEvery(1, () => {
      if (++calls < 3) return
      series.cancel()
      resolve()
    })
  })
}

describe.each([
  ['with the timers of Node', () => {}],
  ['with fake timers, which must not stop it', () => vi.useFakeTimers({ now: 0 })],
])('the real clock %s', (_, prepare) => {
  test('calls later', async () => {
    prepare()
    const loop = new IOLoop()
    await new Promise<void>((resolve) => loop.callLater(1, resolve))
    expect(loop.pending).toBe(0)
  })

  test('calls again and again until it is cancelled', async () => {
    prepare()
    const loop = new IOLoop()
    await threeCalls(loop)
    expect(loop.pending).toBe(0)
  })

  test('calls also after a reset', async () => {
    prepare()
    const loop = new IOLoop()
    await new Promise<void>((resolve) => loop.callLater(1, resolve).reset())
  })

  test('does not call what was cancelled', async () => {
    prepare()
    const loop = new IOLoop()
    let calls = 0
    const call = loop.callLater(1, () => calls++)
    loop.callEvery(1, () => calls++)
    call.cancel()
    loop.close()
    await threeCalls(loop)
    expect(calls).toBe(0)
  })

  test('sleeps, and wakes by a signal', async () => {
    prepare()
    const loop = new IOLoop()
    await loop.sleep(1)
    const controller = new AbortController()
    const slept = loop.sleep(3_600_000, controller.signal)
    controller.abort()
    await slept
    expect(loop.pending).toBe(0)
  })

  test('turns', async () => {
    prepare()
    await new IOLoop().turn()
  })

  test('tells the time since the epoch, never backwards', async () => {
    prepare()
    const loop = new IOLoop()
    const before = loop.now()
    expect(before).toBeGreaterThan(Date.UTC(2024))
    await loop.sleep(2)
    expect(loop.now()).toBeGreaterThan(before)
  })

  test('cannot be advanced', async () => {
    prepare()
    await expect(new IOLoop().advance(1)).rejects.toThrow(notManual)
  })
})

test('no clock but the manual one can be advanced', async () => {
  await expect(new IOLoop('real').advance(1)).rejects.toThrow(notManual)
  await expect(new IOLoop(new RealClock()).advance(1)).rejects.toThrow(notManual)
})
