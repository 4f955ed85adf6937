import { beforeEach, expect, test, vi } from 'vitest'
import { randomBytes } from '../../src/index.ts'
import { ftpsFixture, secured, trusting } from '../support/ftps.ts'
import { overTls } from '../support/raw-client.ts'

/** Turns of the event loop in which more bytes are written behind those that will fail. */
const LATE_TURNS = 100

const disk = vi.hoisted(() => ({ failed: 0, isFull: true, room: Number.POSITIVE_INFINITY }))

// The disk as a thread finds it: full, while what the main thread writes meanwhile finds room, be it for some of it.
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>()
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28, syscall: 'write' })
  type Written = (error: Error | null, count: number) => void
  const write = (...call: [number, Buffer, number, number, number, Written]) => {
    if (!disk.isFull) return (fs.write as (...call: unknown[]) => void)(...call)
    disk.failed += 1
    let turns = 0
    const wait = () => void (turns++ < LATE_TURNS ? setImmediate(wait) : call[5](full, 0))
    wait()
  }
  const writeSync = (fd: number, bytes: Buffer, offset: number, count: number, position: number) => {
    if (disk.failed > 0 && disk.room === 0) throw full
    const fitting = disk.failed > 0 ? Math.min(count, disk.room) : count
    disk.room -= disk.failed > 0 ? fitting : 0
    return fs.writeSync(fd, bytes, offset, fitting, position)
  }
  return { ...fs, default: { ...fs, write, writeSync }, write, writeSync }
})

beforeEach(() => {
  disk.failed = 0
  disk.isFull = true
  disk.room = Number.POSITIVE_INFINITY
})

const MIB = 1024 ** 2
const content = randomBytes(6 * MIB, { seed: 1 })

test.each([
  [0, 'that was not there', 0, Number.POSITIVE_INFINITY],
  [0, 'that was not there, with room for some of the bytes behind', 0, 1000],
  [5000, 'that is resumed', 5000, Number.POSITIVE_INFINITY],
  [5000, 'that reaches further', 20 * MIB, Number.POSITIVE_INFINITY],
])(
  'from byte %d on, into a file %s: no hole is left where a thread could not write',
  async (marker, _what, size, room) => {
    disk.room = room
    const older = Buffer.alloc(size, 'o')
    await using ftp = await ftpsFixture({ files: { 'up.bin': older } })
    await using client = await secured(ftp)
    const data = await overTls(await client.passive(), trusting(ftp))
    if (marker > 0) await client.command(`REST ${marker}`, 350)
    await client.command('STOR up.bin', 125, 150)
    data.end(content)
    await client.expect(452)
    data.destroy()
    expect(disk.failed).toBeGreaterThan(0)
    const kept = await ftp.files.read('up.bin')
    if (size > 10 * MIB) return expect(kept).toHaveLength(size)
    const wanted = Buffer.concat([older.subarray(0, marker), content])
    expect(kept.equals(wanted.subarray(0, kept.length)), `${kept.length} bytes`).toBe(true)
  },
)
