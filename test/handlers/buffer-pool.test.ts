import { expect, test } from 'vitest'
import { BufferPool } from '../../src/handlers/buffer-pool.ts'

test('buffers come back by their size', () => {
  const pool = new BufferPool()
  const [small, large] = [pool.take(1024), pool.take(4096)]
  pool.give(small)
  pool.give(large)
  expect(pool.take(4096)).toBe(large)
  expect(pool.take(1024)).toBe(small)
  expect(pool.take(1024)).not.toBe(small)
})

test('no more than 8 MiB are kept', () => {
  const pool = new BufferPool()
  const given = Array.from({ length: 3 }, () => pool.take(4 * 1024 * 1024))
  for (const buffer of given) pool.give(buffer)
  const kept = given.map(() => pool.take(4 * 1024 * 1024)).filter((buffer) => given.includes(buffer))
  expect(kept).toHaveLength(2)
})
