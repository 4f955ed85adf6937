import fc, { type Arbitrary } from 'fast-check'
import type { Rule } from '../../../src/index.ts'
import { scenarioNames } from '../../../src/scenario.ts'

const TRANSFERS = ['RETR', 'STOR', 'LIST', 'NLST', 'MLSD', 'APPE', 'STOU']
const PASSIVE = ['PASV', 'EPSV']
const ACTIVE = ['PORT', 'EPRT']
const UPLOADS = ['STOR', 'APPE', 'STOU']

const onCommand: readonly Rule['then'][] = [
  { delay: { for: '1s', jitter: '1s' } },
  { delay: 'forever' },
  { drip: '10ms' },
  { split: { at: [2, 5], pause: '50ms' } },
  { reply: '550 Not today.' },
  { reply: 'none' },
  { reply: '421 Enough.' },
  { say: '200 And another thing.' },
  { disconnect: 'rst' },
  { disconnect: 'fin' },
  { disconnect: 'half' },
  { disconnect: { with: 'rst', data: 'leave' } },
  { blackHole: '2s' },
  { blackHole: 'forever' },
  { expire: { after: '1s' } },
  { error: 'EIO' },
  { permissions: 'elr' },
]
const onPassive: readonly Rule['then'][] = [
  { accept: 'refused' },
  { accept: 'never' },
  { accept: 'rst' },
  { accept: 'fin' },
  { accept: { after: '1s' } },
  { announce: { port: 'closed' } },
  { announce: { form: 'cut-short' } },
]
const onActive: readonly Rule['then'][] = [{ connect: 'never' }, { connect: { after: '1s' } }]
const onTransfer: readonly Rule['then'][] = [
  { throttle: '100KiB/s' },
  { latency: { of: '10ms', jitter: '50ms' } },
  { slices: { bytes: 5000, every: '10ms' } },
  { stall: { after: '1KiB', for: '1s' } },
  { stall: { after: 0 } },
  { cut: { after: '10KiB', with: 'rst' } },
  { cut: { after: 1, with: 'fin' } },
  { truncate: { after: '1KiB' } },
  { corrupt: { at: 5, bytes: 3 } },
  { append: 'more' },
  { keepOpen: '1s' },
  { keepOpen: 'forever' },
  { error: { code: 'EIO', at: '1KiB' } },
  { error: { code: 'ENOSPC', at: 1 } },
  { final: { late: '1s' } },
  { final: 'none' },
  { final: { early: 'before-preliminary' } },
  { final: { early: 'data-end' } },
  { preliminary: 'none' },
]
const onUpload: readonly Rule['then'][] = (['drain', 'ignore', 'fin', 'rst'] as const).map((then) => ({
  refuse: { after: '1KiB', with: '552 Full.', then, keep: false },
}))

const rule = (command: readonly string[] | undefined, thens: readonly Rule['then'][]): Arbitrary<Rule> =>
  fc
    .tuple(fc.constantFrom(...thens), fc.constantFrom(0.1, 0.5, 1))
    .map(([then, chance]) => ({ when: { user: 'user', ...(command && { command: [...command] }) }, chance, then }))

const rules = fc.array(
  fc.oneof(rule(undefined, onCommand), rule(PASSIVE, onPassive), rule(ACTIVE, onActive), {
    weight: 2,
    arbitrary: fc.oneof(rule(TRANSFERS, onTransfer), rule(UPLOADS, onUpload)),
  }),
  { minLength: 1, maxLength: 4 },
)

/** What goes wrong: a scenario of our own by its name, or rules thrown together. */
export const faults: Arbitrary<string | { readonly seed: number; readonly rules: readonly Rule[] }> = fc.oneof(
  fc.constantFrom(...scenarioNames()),
  { weight: 2, arbitrary: fc.record({ seed: fc.nat(1000), rules }) },
)
