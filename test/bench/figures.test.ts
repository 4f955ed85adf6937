import { expect, test } from 'vitest'
import { best, digits, median, medianOf, ratio } from './figures.ts'
import { derived } from './measure.ts'
import { parseReport } from './program-report.ts'
import { RATE } from './row.ts'

test('the median is the one in the middle, or between the two', () => {
  expect(median([])).toBeUndefined()
  expect(median([3])).toBe(3)
  expect(median([10, 9, 1])).toBe(9)
  expect(median([4, 1, 3, 100])).toBe(3.5)
})

test('runs that failed have no say in a median', () => {
  const samples = [{ figures: { rate: 5 } }, { figures: { rate: 9, mbps: 1 } }, { figures: { rate: 1 }, failed: 'no' }]
  expect(medianOf(samples, 'rate')).toBe(7)
  expect(medianOf(samples, 'mbps')).toBe(1)
  expect(medianOf(samples, 'pss')).toBeUndefined()
})

test('better is above 1, whatever the unit', () => {
  expect(ratio('/s', 30, 20)).toBe(1.5)
  expect(ratio('MB/s', 10, 20)).toBe(0.5)
  expect(ratio('ms', 10, 20)).toBe(2)
  expect(ratio('kB', 40, 20)).toBe(0.5)
  expect(ratio('ms', 0, 20)).toBeUndefined()
  expect(ratio('/s', 30, undefined)).toBeUndefined()
})

test('the best is the most or the least', () => {
  expect(best('/s', [1, 3, 2])).toBe(3)
  expect(best('ms', [2, 1, 3])).toBe(1)
  expect(best('ms', [])).toBeUndefined()
})

test('a figure has the digits that mean something', () => {
  expect([12_345.6, 99.96, 12.34, 1.234, 0.5].map(digits)).toEqual(['12,346', '100.0', '12.3', '1.23', '0.50'])
})

test('what the load client reports becomes figures', () => {
  expect(parseReport('noise\n{"mode":"cmd","ops":5,"errors":0}\n')).toEqual({ figures: { ops: 5, errors: 0 } })
  expect(parseReport('{"mode":"cmd","errors":1,"why":"closed"}')).toMatchObject({ failed: 'closed' })
  expect(parseReport('', 'Segmentation fault')).toEqual({
    figures: {},
    failed: 'the client said: Segmentation fault',
  })
})

test('CPU is told per operation and per GiB, and how much of its own the client took', () => {
  const figures = { ops: 1000, bytes: 2 ** 29, clientCpu: 0.9, secs: 2 }
  expect(derived(figures, { threads: 1 }, { wall: 1.2, cpu: 0.5 })).toEqual({
    ...figures,
    clientShare: 0.45,
    microsPerOp: 500,
    secondsPerGiB: 1,
  })
  const off = derived({ bytesPerSecond: RATE * 0.95 }, { threads: 1 }, { wall: 1, cpu: 0 }).off
  expect(off).toBeCloseTo(5)
})
