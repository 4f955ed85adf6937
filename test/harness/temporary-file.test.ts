import { existsSync, readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { temporaryFile } from '../../src/harness/temporary-file.ts'
import { TempDirectory } from '../support/temp-directory.ts'

test('it is there, for its owner alone, until it is removed', async () => {
  const { path, remove } = await temporaryFile('ca.pem', 'text')
  expect(path).toMatch(/ca\.pem$/)
  expect(readFileSync(path, 'utf8')).toBe('text')
  expect(statSync(path).mode & 0o077).toBe(0)
  await remove()
  expect(existsSync(path)).toBe(false)
})

test('where none can be, it says so', async () => {
  using directory = new TempDirectory()
  const before = process.env.TMPDIR
  process.env.TMPDIR = directory.at('missing')
  try {
    await expect(temporaryFile('ca.pem', 'text')).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_DIRECTORY_UNUSABLE',
        message: expect.stringMatching(/^cannot write a temp/),
      }),
    )
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
})
