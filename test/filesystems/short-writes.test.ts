import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { HostFile, type OpenMode } from '../../src/filesystems/open-file.ts'
import { tempTree } from './temp-tree.ts'

/** A system that takes three bytes at a time, as one may when the disk is slow or nearly full. */
vi.mock('node:fs', async (importOriginal) => {
  const { promisify } = await import('node:util')
  const fs = await importOriginal<typeof import('node:fs')>()
  const real = promisify(fs.write)
  const short = (fd: number, bytes: Buffer, offset: number, length: number, position: number | null) =>
    real(fd, bytes, offset, Math.min(length, 3), position)
  return { ...fs, write: Object.assign(() => {}, { [promisify.custom]: short }) }
})

test.each<[OpenMode, string]>([
  ['w', 'hello world'],
  ['r+', 'hello world'],
  ['a', '............hello world'],
])('mode %s writes the rest of what the system did not take', async (mode, expected) => {
  const base = await tempTree({ file: '............' })
  const file = new HostFile('/file', path.join(base, 'file'), mode)
  await file.write(Buffer.from('hello '))
  await file.write(Buffer.from('world'))
  await file.close()
  const text = readFileSync(path.join(base, 'file'), 'utf8')
  expect(text).toBe(mode === 'r+' ? `${expected}.` : expected)
})
