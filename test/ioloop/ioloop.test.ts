import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Alarm, type Clock, ManualClock } from '../../src/ioloop/clock.ts'
import { IOLoop } from '../../src/ioloop/ioloop.ts'
import { socketPair } from './sockets.ts'

/** A loop whose time a test advances, and a log of what was called when. */
function manual(): { loop: IOLoop; log: string[]; note: (what: string) => () => void } {
  const loop = new IOLoop(new ManualClock(0))
  const log: string[] = []
  return { loop, log, note: (what) => () => void log.push(`${loop.now()} ${what}`) }
}

describe('callLater', () => {
  test('calls once, at its moment and not before', async () => {
    const { loop, log, note } = manual()
    const call = loop.callLater(100, note('a'))
    expect(loop.pending).toBe(1)
    await loop.advance(99)
    expect(log).toEqual([])
    expect(call.cancelled).toBe(false)
    await loop.advance(1)
    expect(log).toEqual(['100 a'])
    expect(loop.pending).toBe(0)
    await loop.advance(1000)
    expect(log).toEqual(['100 a'])
  })

  test('calls in order of time, and of scheduling at the same time', async () => {
    const { loop, log, note } = manual()
    loop.callLater(30, note('c'))
    loop.callLater(10, note('a1'))
    loop.callLater(20, note('b'))
    loop.callLater(10, note('a2'))
    await loop.advance(30)
    expect(log).toEqual(['10 a1', '10 a2', '20 b', '30 c'])
  })

  test('with no delay calls once time passes, be it none', async () => {
    const { loop, log, note } = manual()
    loop.callLater(0, note('a'))
    expect(log).toEqual([])
    await loop.advance(0)
    expect(log).toEqual(['0 a'])
  })

  test('from a call counts from that call, and falls in the same advance', async () => {
    const { loop, log, note } = manual()
    loop.callLater(10, () => {
      note('a')()
      loop.callLater(5, note('b'))
      loop.callLater(50, note('late'))
    })
    await loop.advance(20)
    expect(log).toEqual(['10 a', '15 b'])
    expect(loop.now()).toBe(20)
    expect(loop.pending).toBe(1)
  })

  test('from a promise that a call settled falls in the same advance', async () => {
    const { loop, log, note } = manual()
    const chain = async () => {
      await loop.sleep(10)
      note('a')()
      await loop.sleep(10)
      note('b')()
    }
    const done = chain()
    await loop.advance(20)
    expect(log).toEqual(['10 a', '20 b'])
    await done
  })

  test('an error in a call is the error of the advance; the next calls are not lost', async () => {
    const { loop, log, note } = manual()
    loop.callLater(10, () => {
      throw new Error('broken')
    })
    loop.callLater(20, note('b'))
    await expect(loop.advance(100)).rejects.toThrow('broken')
    expect(loop.now()).toBe(10)
    await loop.advance(10)
    expect(log).toEqual(['20 b'])
  })
})

describe('cancel and reset', () => {
  test('a cancelled call never comes, however often it is cancelled', async () => {
    const { loop, log, note } = manual()
    const call = loop.callLater(10, note('a'))
    call.cancel()
    call.cancel()
    expect(call.cancelled).toBe(true)
    expect(loop.pending).toBe(0)
    await loop.advance(100)
    expect(log).toEqual([])
  })

  test('a call can cancel another one that is due at the same moment', async () => {
    const { loop, log, note } = manual()
    loop.callLater(10, () => other.cancel())
    const other = loop.callLater(10, note('other'))
    await loop.advance(10)
    expect(log).toEqual([])
  })

  test('reset counts the delay from now again', async () => {
    const { loop, log, note } = manual()
    const call = loop.callLater(100, note('a'))
    await loop.advance(60)
    call.reset()
    await loop.advance(99)
    expect(log).toEqual([])
    expect(loop.pending).toBe(1)
    await loop.advance(1)
    expect(log).toEqual(['160 a'])
  })

  test('a reset call stands behind those due at the same moment', async () => {
    const { loop, log, note } = manual()
    const call = loop.callLater(10, note('a'))
    loop.callLater(10, note('b'))
    call.reset()
    await loop.advance(10)
    expect(log).toEqual(['10 b', '10 a'])
  })

  test('reset brings back neither a cancelled call nor one that has come', async () => {
    const { loop, log, note } = manual()
    const cancelled = loop.callLater(10, note('cancelled'))
    const come = loop.callLater(10, note('come'))
    cancelled.cancel()
    cancelled.reset()
    await loop.advance(10)
    come.reset()
    await loop.advance(100)
    expect(log).toEqual(['10 come'])
    expect(loop.pending).toBe(0)
  })
})

describe('callEvery', () => {
  test('calls again and again until it is cancelled', async () => {
    const { loop, log, note } = manual()
    const call = loop.callEvery(10, note('a'))
    await loop.advance(35)
    expect(log).toEqual(['10 a', '20 a', '30 a'])
    expect(loop.pending).toBe(1)
    call.cancel()
    await loop.advance(100)
    expect(log).toHaveLength(3)
    expect(loop.pending).toBe(0)
  })

  test('can be cancelled from its own call', async () => {
    const { loop, log, note } = manual()
    const call = loop.callEvery(10, () => {
      note('a')()
      if (log.length === 2) call.cancel()
    })
    await loop.advance(100)
    expect(log).toEqual(['10 a', '20 a'])
  })

  test('can be reset', async () => {
    const { loop, log, note } = manual()
    const call = loop.callEvery(10, note('a'))
    await loop.advance(15)
    call.reset()
    await loop.advance(20)
    expect(log).toEqual(['10 a', '25 a', '35 a'])
  })

  test('two series interleave by time', async () => {
    const { loop, log, note } = manual()
    loop.callEvery(20, note('a'))
    loop.callEvery(30, note('b'))
    await loop.advance(60)
    expect(log).toEqual(['20 a', '30 b', '40 a', '60 b', '60 a'])
    loop.close()
  })
})

describe('sleep', () => {
  test('resolves at its moment', async () => {
    const { loop, log, note } = manual()
    const slept = loop.sleep(10).then(note('awake'))
    await loop.advance(9)
    expect(log).toEqual([])
    await loop.advance(1)
    await slept
    expect(log).toEqual(['10 awake'])
  })

  test('resolves as soon as its signal aborts, and leaves nothing behind', async () => {
    const { loop } = manual()
    const controller = new AbortController()
    const slept = loop.sleep(10, controller.signal)
    expect(loop.pending).toBe(1)
    controller.abort()
    await slept
    expect(loop.pending).toBe(0)
    expect(loop.now()).toBe(0)
  })

  test('does not begin when its signal is aborted already', async () => {
    const { loop } = manual()
    await loop.sleep(10, AbortSignal.abort())
    expect(loop.pending).toBe(0)
  })

  test('an abort behind it does nothing', async () => {
    const { loop } = manual()
    const controller = new AbortController()
    const slept = loop.sleep(10, controller.signal)
    await loop.advance(10)
    await slept
    controller.abort()
    expect(loop.pending).toBe(0)
  })
})

describe('the time of a manual clock', () => {
  test('waits for the file operations that a call set off', async () => {
    const { loop, log, note } = manual()
    const work = async () => {
      // Not by `readFile`, which Node 26 does not count among its active resources.
      await using file = await open(new URL(import.meta.url))
      for (const name of ['a', 'b']) {
        await loop.sleep(10)
        for (let times = 0; times < 20; times++) await file.read({ buffer: Buffer.alloc(100), position: 0 })
        note(name)()
      }
    }
    const done = work()
    await loop.advance(1000)
    expect(log).toEqual(['10 a', '20 b'])
    await done
  })

  test('waits for what goes over sockets within the process', async () => {
    const { loop, log, note } = manual()
    await using peers = await socketPair()
    peers.far.on('data', (chunk: Buffer) => peers.far.write(chunk))
    const work = async () => {
      await loop.sleep(10)
      for (let times = 0; times < 3; times++) {
        peers.near.write('ping')
        await once(peers.near.resume(), 'data')
        note('pong')()
      }
    }
    const done = work()
    loop.callLater(11, note('later'))
    await loop.advance(1000)
    expect(log).toEqual(['10 pong', '10 pong', '10 pong', '11 later'])
    await done
  })

  test('does not wait for ever for a file operation that hangs', async () => {
    const { loop, log, note } = manual()
    const directory = mkdtempSync(join(tmpdir(), `ftp-fixture-${process.pid}-`))
    const path = join(directory, 'fifo')
    execFileSync('mkfifo', [path])
    // A thread waits there for a writer.
    const hanging = open(path, 'r')
    loop.callEvery(10, note('a'))
    await loop.advance(30)
    expect(log).toEqual(['10 a', '20 a', '30 a'])
    loop.close()
    const writer = await open(path, 'r+')
    await (await hanging).close()
    await writer.close()
    rmSync(directory, { recursive: true })
  })

  test('stands still until it is advanced, then is where it was told to be', async () => {
    const { loop } = manual()
    await loop.turn()
    expect(loop.now()).toBe(0)
    await loop.advance(1234)
    expect(loop.now()).toBe(1234)
    await loop.advance(0)
    expect(loop.now()).toBe(1234)
  })

  test('begins at the present', () => {
    expect(new IOLoop('manual').now()).toBeGreaterThan(Date.UTC(2024))
  })

  test('never runs backwards', async () => {
    const { loop } = manual()
    await Promise.all([loop.advance(1000), loop.advance(10)])
    expect(loop.now()).toBe(1000)
    await loop.advance(-500)
    expect(loop.now()).toBe(1000)
  })
})

test('close takes back every call that lies ahead', async () => {
  const { loop, log, note } = manual()
  const calls = [loop.callLater(10, note('a')), loop.callEvery(10, note('b'))]
  loop.close()
  expect(loop.pending).toBe(0)
  expect(calls.map(({ cancelled }) => cancelled)).toEqual([true, true])
  await loop.advance(100)
  expect(log).toEqual([])
})

test('two loops share no calls', async () => {
  const clock = new ManualClock(0)
  const [one, other] = [new IOLoop(clock), new IOLoop(clock)]
  let calls = 0
  one.callLater(10, () => calls++)
  other.close()
  expect([one.pending, other.pending]).toEqual([1, 0])
  await other.advance(10)
  expect(calls).toBe(1)
})

test('a loop takes any clock, whose alarms it uses', () => {
  const rung: string[] = []
  const alarm: Alarm = { restart: () => rung.push('restart'), cancel: () => rung.push('cancel') }
  const clock: Clock = {
    now: () => 42,
    alarm: (delayMs) => {
      rung.push(`alarm ${delayMs}`)
      return alarm
    },
  }
  const loop = new IOLoop(clock)
  expect(loop.now()).toBe(42)
  const call = loop.callLater(5, () => {})
  call.reset()
  call.cancel()
  expect(rung).toEqual(['alarm 5', 'restart', 'cancel'])
})

test('a delay below zero is none, and no warning', async () => {
  const loop = new IOLoop()
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  await loop.sleep(-1)
  await loop.turn()
  process.off('warning', note)
  expect(warnings).toEqual([])
})
