import { expect, test } from 'vitest'
import { DirectLoad } from '../../src/handlers/direct-load.ts'

test('a few transfers get the buffers they want, many smaller ones', () => {
  const load = new DirectLoad()
  load.uploads = 8
  load.downloads = 8
  expect(load.bufferSize(1024 ** 2)).toBe(1024 ** 2)
  load.downloads = 9
  expect(load.bufferSize(1024 ** 2)).toBe(256 * 1024)
  expect(load.bufferSize(1000)).toBe(1000)
})
