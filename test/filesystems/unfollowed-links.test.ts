import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { AbstractedFS } from '../../src/filesystems/index.ts'
import { smallDisk } from '../support/small-disk.ts'
import { tempTree } from './temp-tree.ts'

test.runIf(process.platform === 'linux')('links that the kernel does not follow are not followed', async (context) => {
  const base = await tempTree()
  using mounted = smallDisk(base, 'size=64k,nosymfollow')
  if (mounted === undefined) return context.skip()
  const { disk } = mounted
  mkdirSync(path.join(disk, 'directory'))
  writeFileSync(path.join(disk, 'file'), 'text')
  symlinkSync('file', path.join(disk, 'link'))
  symlinkSync('new', path.join(disk, 'dangling'))
  symlinkSync('directory', path.join(disk, 'way'))
  const fs = new AbstractedFS(disk)
  for (const refused of [
    () => fs.open('/link', 'r'),
    () => fs.open('/link', 'w'),
    () => fs.open('/dangling', 'w'),
    () => fs.open('/way/new', 'w'),
    () => fs.open('/way/new', 'wx'),
    () => fs.mkdir('/way/new'),
    () => fs.rename('/file', '/way/new'),
    () => fs.stat('/link'),
    () => fs.chdir('/way'),
    () => fs.listdir('/way'),
  ]) {
    expect(refused, String(refused)).toThrow(expect.objectContaining({ code: 'ELOOP' }))
  }
  expect(readdirSync(disk).sort()).toEqual(['dangling', 'directory', 'file', 'link', 'way'])
  await fs.remove('/link')
  await fs.rename('/dangling', '/directory/dangling')
  expect(await fs.readlink('/directory/dangling')).toBe('new')
  expect(await fs.getsize('/file')).toBe(4)
})
