import { expect, test } from 'vitest'
import { descendants, parseBusy, parseRollup, parseStat } from './proc.ts'

test('a process is read whatever its name', () => {
  const tail = '7 7 7 0 -1 4194304 100 200 0 0 150 30 15 5 20 0 1 0 12345 1000 200'
  expect(parseStat(`42 (vsftpd) S ${tail}`)).toEqual({ parent: 7, cpu: 2 })
  expect(parseStat(`42 (a ) R 1 (b)) S ${tail}`)).toEqual({ parent: 7, cpu: 2 })
})

test('the machine is busy but for idling and waiting for disks', () => {
  expect(parseBusy('cpu  100 10 200 9999 8888 1 2 3 50 0\ncpu0 50 5 100 0 0 0 0 0 0 0\n')).toBe(3.16)
})

test('memory is what is held alone and what is shared', () => {
  const text = '55d-7ff ---p 00000000 00:00 0 [rollup]\nRss:   6980 kB\nPss:   1234 kB\nPss_Dirty:  99 kB\n'
  expect(parseRollup(text)).toEqual({ pss: 1234, rss: 6980 })
  expect(parseRollup('')).toEqual({ pss: 0, rss: 0 })
})

test('a server is its process and all below it', () => {
  const all = new Map([
    [2, { parent: 1, cpu: 0 }],
    [3, { parent: 2, cpu: 0 }],
    [4, { parent: 3, cpu: 0 }],
    [5, { parent: 1, cpu: 0 }],
  ])
  expect(descendants(all, 2).toSorted()).toEqual([2, 3, 4])
  expect(descendants(all, 9)).toEqual([])
})
