import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { AsyncChat } from '../../src/ioloop/async-chat.ts'
import { IOLoop } from '../../src/ioloop/ioloop.ts'
import { splits } from '../support/split.ts'
import { received, socketPair } from './sockets.ts'

const KIB = 1024

/** A chat over one end of a connection, and what its owner was told. */
async function chatting() {
  const { near, far, [Symbol.asyncDispose]: dispose } = await socketPair()
  const loop = new IOLoop('manual')
  const told: string[] = []
  const errors: (Error | undefined)[] = []
  const watchers = new Set<() => void>()
  const tell = (what: string) => {
    told.push(what)
    for (const watcher of watchers) watcher()
  }
  const chat = new AsyncChat(near, loop, {
    onReady: () => tell('ready'),
    onEnd: () => tell('end'),
    onClose: (error) => {
      errors.push(error)
      tell('close')
    },
  })
  /** Resolves once something holds, asked whenever the owner is told something. */
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const watcher = () => {
        if (!holds()) return
        watchers.delete(watcher)
        resolve()
      }
      watchers.add(watcher)
      watcher()
    })
  /** As many lines as asked for, taken as they come. */
  const lines = async (count: number) => {
    const taken: string[] = []
    await until(() => {
      for (let line = chat.nextLine(); line !== undefined; line = chat.nextLine()) taken.push(line.toString())
      return taken.length >= count
    })
    return taken
  }
  return { chat, near, far, loop, told, errors, until, lines, [Symbol.asyncDispose]: dispose }
}

/** Pushes until the kernel takes no more of it; returns how much. */
function congest(chat: AsyncChat): number {
  const piece = 'x'.repeat(64 * KIB)
  let length = 0
  while (!chat.congested) {
    chat.push(piece)
    length += piece.length
  }
  return length
}

describe('lines', () => {
  test('are given out in order', async () => {
    await using peers = await chatting()
    peers.far.write('USER bob\r\nPASS x\nNO')
    expect(await peers.lines(2)).toEqual(['USER bob', 'PASS x'])
    expect(peers.chat.nextLine()).toBeUndefined()
    peers.far.write('OP\r\n')
    expect(await peers.lines(1)).toEqual(['NOOP'])
  })

  test('do not depend on how their bytes come', async () => {
    await using peers = await chatting()
    for (const chunks of splits(Buffer.from('USER b\r\nQUIT\n'))) {
      const expected = peers.lines(2)
      for (const chunk of chunks) {
        if (chunk.length > 0) await new Promise((resolve) => peers.far.write(chunk, resolve))
      }
      expect(await expected).toEqual(['USER b', 'QUIT'])
    }
  })

  test('that are too long are told as such', async () => {
    await using peers = await chatting()
    peers.far.write(`${'x'.repeat(100 * KIB)}\r\nNOOP\r\n`)
    expect(await peers.lines(2)).toEqual(['too long', 'NOOP'])
  })

  test('no more than 16 KiB wait unread, and none is lost', async () => {
    await using peers = await chatting()
    const sent = Array.from({ length: 200_000 }, (_, i) => `NOOP ${i}`)
    const paused = once(peers.near, 'pause')
    peers.far.write(`${sent.join('\r\n')}\r\n`)
    await paused
    const notices = peers.told.length
    for (let i = 0; i < 100; i++) await peers.loop.turn()
    expect(peers.told, 'nothing more is read').toHaveLength(notices)
    expect(peers.near.bytesRead, 'what is beyond 16 KiB is Node’s own buffer').toBeLessThan(256 * KIB)
    expect(await peers.lines(sent.length)).toEqual(sent)
    expect(peers.near.isPaused()).toBe(false)
  })

  test('reading goes on as soon as less than 16 KiB are left', async () => {
    await using peers = await chatting()
    const paused = once(peers.near, 'pause')
    peers.far.write('x\n'.repeat(8 * KIB))
    await paused
    peers.chat.nextLine()
    expect(peers.near.isPaused()).toBe(false)
  })
})

describe('replies', () => {
  test('are sent as pushed', async () => {
    await using peers = await chatting()
    const got = received(peers.far)
    peers.chat.push('220 Ready.\r\n')
    peers.chat.push(Buffer.from('200 \xe4\r\n', 'latin1'))
    peers.near.end()
    expect(await got).toBe('220 Ready.\r\n200 \xe4\r\n')
  })

  test('pushed in one action are sent together, also when it fails', async () => {
    await using peers = await chatting()
    const got = received(peers.far)
    peers.chat.corked(() => {
      peers.chat.push('1')
      peers.chat.push('2')
      expect(peers.near.bytesWritten).toBe(0)
    })
    const failing = () => {
      peers.chat.push('3')
      throw new Error('broken')
    }
    expect(() => peers.chat.corked(failing)).toThrow('broken')
    expect(peers.near.bytesWritten).toBe(3)
    peers.near.end()
    expect(await got).toBe('123')
  })

  test('of bytes and of texts keep their order', async () => {
    await using peers = await chatting()
    const got = received(peers.far)
    peers.chat.corked(() => {
      peers.chat.push('1')
      peers.chat.push(Buffer.from('2'))
      peers.chat.push('3')
      peers.chat.endWriting()
    })
    expect(await got).toBe('123')
  })

  test('that pile up within one action count as piled up', async () => {
    await using peers = await chatting()
    peers.chat.corked(() => {
      peers.chat.push('x'.repeat(64 * KIB))
      expect(peers.chat.congested).toBe(false)
      peers.chat.push('x')
      expect(peers.chat.congested).toBe(true)
      peers.chat.close()
    })
    peers.far.resume()
    await peers.until(() => peers.told.includes('close'))
  })

  test('behind the end are thrown away', async () => {
    await using peers = await chatting()
    const got = received(peers.far)
    peers.near.end('221 Bye.\r\n')
    peers.chat.push('200 Too late.\r\n')
    expect(await got).toBe('221 Bye.\r\n')
    expect(peers.errors).toEqual([])
  })

  test('no line is given out while too many replies pile up', async () => {
    await using peers = await chatting()
    const length = congest(peers.chat)
    expect(peers.chat.congested).toBe(true)
    peers.far.write('NOOP\r\n')
    await peers.until(() => peers.told.includes('ready'))
    expect(peers.chat.nextLine()).toBeUndefined()
    const got = received(peers.far)
    await peers.until(() => !peers.chat.congested)
    expect(peers.chat.nextLine()).toEqual(Buffer.from('NOOP'))
    peers.near.end()
    expect(await got).toBe('x'.repeat(length))
  })
})

describe('the owner is told', () => {
  test('of the end of the other side, and can still answer', async () => {
    await using peers = await chatting()
    const got = received(peers.far)
    peers.far.end('NOOP\r\n')
    await peers.until(() => peers.told.includes('end'))
    expect(peers.chat.nextLine()).toEqual(Buffer.from('NOOP'))
    peers.chat.push('200 OK.\r\n')
    peers.chat.closeWhenDone()
    expect(await got).toBe('200 OK.\r\n')
    await peers.until(() => peers.told.includes('close'))
    expect(peers.errors).toEqual([undefined])
    expect(peers.loop.pending).toBe(0)
  })

  test('of a reset, once, with the error', async () => {
    await using peers = await chatting()
    peers.far.resetAndDestroy()
    await peers.until(() => peers.told.includes('close'))
    expect(peers.errors).toEqual([expect.objectContaining({ code: 'ECONNRESET' })])
  })

  test('of its own close, once, without an error', async () => {
    await using peers = await chatting()
    peers.chat.close()
    peers.chat.close()
    await peers.until(() => peers.told.includes('close'))
    expect(peers.errors).toEqual([undefined])
  })
})

describe('closeWhenDone', () => {
  test('sends everything, then waits until the other side closes', async () => {
    await using peers = await chatting()
    const length = congest(peers.chat)
    peers.chat.push('221 Bye.\r\n')
    peers.chat.closeWhenDone()
    expect(await received(peers.far)).toBe(`${'x'.repeat(length)}221 Bye.\r\n`)
    await peers.loop.turn()
    expect(peers.near.destroyed).toBe(false)
    expect(peers.loop.pending).toBe(1)
    peers.far.end()
    await peers.until(() => peers.told.includes('close'))
    expect(peers.errors).toEqual([undefined])
    expect(peers.loop.pending).toBe(0)
  })

  test('does not wait for one that has said goodbye', async () => {
    await using peers = await chatting()
    const got = received(peers.far)
    peers.chat.corked(() => {
      peers.chat.push('221 Bye.\r\n')
      peers.chat.closeWhenDone(true)
    })
    expect(peers.near.destroyed).toBe(true)
    expect(await got).toBe('221 Bye.\r\n')
    await peers.until(() => peers.told.includes('close'))
    expect(peers.errors).toEqual([undefined])
    expect(peers.loop.pending).toBe(0)
  })

  test('waits for one that has said more than that, or has not read all', async () => {
    await using talker = await chatting()
    talker.far.write('QUIT\r\nNOOP\r\n')
    await talker.until(() => talker.told.includes('ready'))
    expect(talker.chat.nextLine()).toEqual(Buffer.from('QUIT'))
    talker.chat.closeWhenDone(true)
    expect(talker.near.destroyed).toBe(false)
    await using sleeper = await chatting()
    const length = congest(sleeper.chat)
    sleeper.chat.closeWhenDone(true)
    expect(sleeper.near.destroyed).toBe(false)
    expect(await received(sleeper.far)).toBe('x'.repeat(length))
  })

  test('waits two seconds of the clock at most', async () => {
    await using peers = await chatting()
    peers.chat.push('221 Bye.\r\n')
    peers.chat.closeWhenDone()
    expect(await received(peers.far)).toBe('221 Bye.\r\n')
    await peers.loop.advance(1999)
    expect(peers.near.destroyed).toBe(false)
    await peers.loop.advance(1)
    expect(peers.near.destroyed).toBe(true)
    await peers.until(() => peers.told.includes('close'))
    expect(peers.errors).toEqual([undefined])
    expect(peers.loop.pending).toBe(0)
  })

  test('gives up a peer that does not read, after the same two seconds', async () => {
    await using peers = await chatting()
    congest(peers.chat)
    peers.chat.closeWhenDone()
    await peers.loop.advance(2000)
    await peers.until(() => peers.told.includes('close'))
    expect(peers.loop.pending).toBe(0)
  })

  test('throws away what was not read and what still comes, so that no reset overtakes the last reply', async () => {
    await using peers = await chatting()
    const paused = once(peers.near, 'pause')
    peers.far.write('NOOP\r\n'.repeat(10_000))
    await paused
    peers.chat.push('421 Bye.\r\n')
    peers.chat.closeWhenDone()
    const got = received(peers.far)
    await new Promise((resolve) => peers.far.write('NOOP\r\n'.repeat(100_000), resolve))
    peers.far.end()
    expect(await got).toBe('421 Bye.\r\n')
    await peers.until(() => peers.told.includes('close'))
    expect(peers.errors).toEqual([undefined])
    expect(peers.chat.nextLine()).toBeUndefined()
  })

  test('a second time does nothing', async () => {
    await using peers = await chatting()
    peers.chat.closeWhenDone()
    await peers.loop.advance(1000)
    peers.chat.closeWhenDone()
    expect(peers.loop.pending).toBe(1)
    await peers.loop.advance(1000)
    expect(peers.near.destroyed).toBe(true)
    await peers.until(() => peers.told.includes('close'))
  })

  test('behind close does nothing', async () => {
    await using peers = await chatting()
    peers.chat.close()
    peers.chat.closeWhenDone()
    expect(peers.loop.pending).toBe(0)
    await peers.until(() => peers.told.includes('close'))
  })
})
