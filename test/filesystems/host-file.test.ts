import { appendFileSync, fstatSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HostFile, type OpenMode } from '../../src/filesystems/index.ts'
import { openBelow, tempTree } from './temp-tree.ts'

async function withFile(content: string, mode: OpenMode) {
  const base = await tempTree({ 'file.txt': content })
  const hostPath = path.join(base, 'file.txt')
  const file = new HostFile('/file.txt', hostPath, mode)
  let open = true
  const close = async () => {
    if (open) await file.close()
    open = false
  }
  onTestFinished(close)
  const read = async (count: number) => {
    const into = Buffer.alloc(count)
    return into.toString('utf8', 0, await file.read(into))
  }
  return { hostPath, file, close, read, text: () => readFileSync(hostPath, 'utf8') }
}

test('tells its path, its size when opened and its descriptor', async () => {
  const { hostPath, file } = await withFile('hello', 'r')
  writeFileSync(hostPath, 'longer than before')
  expect(file).toMatchObject({ path: '/file.txt', size: 5, appends: false })
  expect(fstatSync(file.fd).size).toBe(18)
})

describe('read', () => {
  test('goes on where it ended, and answers 0 at the end', async () => {
    const { read } = await withFile('hello world', 'r')
    expect(await read(4)).toBe('hell')
    expect(await read(4)).toBe('o wo')
    expect(await read(4)).toBe('rld')
    expect(await read(4)).toBe('')
    expect(await read(4)).toBe('')
  })

  test('sees what is added meanwhile', async () => {
    const { hostPath, read } = await withFile('hello', 'r')
    expect(await read(10)).toBe('hello')
    expect(await read(10)).toBe('')
    appendFileSync(hostPath, ' world')
    expect(await read(10)).toBe(' world')
  })

  test('of an empty file ends at once', async () => {
    const { read } = await withFile('', 'r')
    expect(await read(10)).toBe('')
  })

  test('into no buffer at all reads nothing', async () => {
    const { read } = await withFile('hello', 'r')
    expect(await read(0)).toBe('')
    expect(await read(10)).toBe('hello')
  })
})

describe('seek', () => {
  test('puts the next read at an offset, to and fro', async () => {
    const { file, read } = await withFile('hello world', 'r')
    file.seek(6)
    expect(await read(3)).toBe('wor')
    expect(await read(3)).toBe('ld')
    file.seek(0)
    expect(await read(5)).toBe('hello')
  })

  test('to the end and beyond leaves nothing to read', async () => {
    const { file, read } = await withFile('hello', 'r')
    for (const offset of [5, 6, 1_000_000, Number.MAX_SAFE_INTEGER]) {
      file.seek(offset)
      expect(await read(10), String(offset)).toBe('')
    }
  })

  test('puts the next write at an offset', async () => {
    const { file, text } = await withFile('hello world', 'r+')
    file.seek(6)
    await file.write(Buffer.from('WO'))
    await file.write(Buffer.from('RLD!'))
    expect(text()).toBe('hello WORLD!')
  })

  test('beyond the end and a write there leave zeros between', async () => {
    const { file, text } = await withFile('hello', 'r+')
    file.seek(7)
    await file.write(Buffer.from('x'))
    expect(text()).toBe('hello\0\0x')
  })
})

describe('write', () => {
  test('puts one behind the other', async () => {
    const { file, text } = await withFile('', 'w')
    for (const part of ['one ', '', 'two ', 'three']) await file.write(Buffer.from(part))
    expect(text()).toBe('one two three')
  })

  test('of much is whole', async () => {
    const { hostPath, file } = await withFile('', 'w')
    const bytes = Buffer.alloc(5_000_003, 'abcdefg')
    await file.write(bytes.subarray(0, 3_000_001))
    await file.write(bytes.subarray(3_000_001))
    expect(readFileSync(hostPath).equals(bytes)).toBe(true)
  })

  test('reads and writes share one position', async () => {
    const { file, read, text } = await withFile('hello world', 'r+')
    expect(await read(6)).toBe('hello ')
    await file.write(Buffer.from('W'))
    expect(await read(10)).toBe('orld')
    expect(text()).toBe('hello World')
  })
})

describe('append', () => {
  test('goes to the end, wherever that is by then', async () => {
    const { hostPath, file, text } = await withFile('one ', 'a')
    expect(file.appends).toBe(true)
    await file.write(Buffer.from('two '))
    appendFileSync(hostPath, 'three ')
    await file.write(Buffer.from('four'))
    expect(text()).toBe('one two three four')
  })

  test('of two at a time loses nothing', async () => {
    const { hostPath, file, text } = await withFile('', 'a')
    const other = new HostFile('/file.txt', hostPath, 'a')
    try {
      for (let i = 0; i < 5; i++) {
        await file.write(Buffer.from('a'))
        await other.write(Buffer.from('b'))
      }
    } finally {
      await other.close()
    }
    expect(text()).toBe('ababababab')
  })
})

test('close gives the descriptor back', async () => {
  const { hostPath, close } = await withFile('hello', 'r')
  await close()
  expect(openBelow(hostPath)).toEqual([])
})

test('an error of the system comes through: a read of a file opened to write', async () => {
  const { read } = await withFile('hello', 'w')
  await expect(read(1)).rejects.toMatchObject({ code: 'EBADF', syscall: 'read' })
})
