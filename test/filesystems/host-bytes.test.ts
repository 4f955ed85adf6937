import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { AbstractedFS } from '../../src/filesystems/index.ts'
import { tempTree } from './temp-tree.ts'

/** Bytes that no UTF-8 has in a row. */
const ODD = Buffer.from([0xe9, 0xe9])
const below = (directory: string, ...names: readonly Buffer[]) =>
  Buffer.concat([Buffer.from(directory), ...names.flatMap((name) => [Buffer.from('/'), name])])

async function world(home = '') {
  const base = await tempTree({ 'é💀': null })
  const place = home === '' ? Buffer.from(`${base}/é💀`) : below(`${base}/é💀`, ODD)
  if (home !== '') mkdirSync(place)
  const inside = (...names: readonly Buffer[]) => Buffer.concat([place, below('', ...names)])
  mkdirSync(inside(ODD))
  writeFileSync(inside(ODD, Buffer.from('file')), 'within')
  writeFileSync(inside(Buffer.from('plain')), 'plain')
  const file = Buffer.concat([Buffer.from('file'), ODD])
  writeFileSync(inside(file), 'odd')
  symlinkSync(file, inside(Buffer.from('link')))
  symlinkSync(ODD, inside(Buffer.from('directory')))
  symlinkSync(Buffer.concat([Buffer.from('new'), ODD]), inside(Buffer.from('dangling')))
  symlinkSync(place, `${base}/root`)
  return { fs: new AbstractedFS(`${base}/root`), inside, file }
}

async function content(fs: AbstractedFS, path: string): Promise<string> {
  const open = await fs.open(path, 'r')
  const into = Buffer.alloc(100)
  const count = await open.read(into)
  await open.close()
  return into.toString('utf8', 0, count)
}

async function put(fs: AbstractedFS, path: string, text: string): Promise<void> {
  const open = await fs.open(path, 'w')
  await open.write(Buffer.from(text))
  await open.close()
}

describe.runIf(process.platform === 'linux').each(['', 'in such a place'])('names that are no UTF-8 %s', (home) => {
  test('links lead to them', async () => {
    const { fs } = await world(home)
    expect(await content(fs, '/link')).toBe('odd')
    expect(await content(fs, '/directory/file')).toBe('within')
    expect(await content(fs, '/plain')).toBe('plain')
    expect(await fs.getsize('/link')).toBe(3)
    expect([...((await fs.listdir('/directory')) as Iterable<string>)]).toEqual(['file'])
    expect((await fs.lstat('/')).isDirectory()).toBe(true)
    await fs.chdir('/directory')
    expect(await fs.isfile('file')).toBe(true)
  })

  test('what is written behind a link goes there, and nowhere else', async () => {
    const { fs, inside, file } = await world(home)
    await put(fs, '/link', 'changed')
    await put(fs, '/directory/new', 'made')
    await put(fs, '/dangling', 'where it leads')
    await fs.mkdir('/directory/sub')
    await fs.rename('/directory/file', '/directory/sub/moved')
    await fs.chmod('/directory/sub/moved', 0o600)
    expect(readFileSync(inside(file), 'utf8')).toBe('changed')
    expect(readdirSync(inside(ODD)).sort()).toEqual(['new', 'sub'])
    expect(readFileSync(inside(Buffer.concat([Buffer.from('new'), ODD])), 'utf8')).toBe('where it leads')
    expect(readdirSync(inside()).length).toBe(7)
  })
})
