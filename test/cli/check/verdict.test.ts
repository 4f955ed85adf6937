import { expect, test } from 'vitest'
import { judge, type Played } from '../../../src/cli/check/verdict.ts'
import type { FtpEvent } from '../../../src/index.ts'
import type { RuleExplanation } from '../../../src/scenario/explain.ts'

const NOTHING = { downloads: 0, uploads: 0 }
const applied: RuleExplanation = { rule: 'rules[0]', applied: 1, effects: {}, isUnfired: false, sentences: [] }
const unused: RuleExplanation = { ...applied, applied: 0 }
const unfired: RuleExplanation = { ...unused, isUnfired: true, sentences: ['(cut) never applied: no RETR came'] }

function played(status: number, more: Partial<Played> = {}): Played {
  const ending = { is: 'exited', status } as const
  return { ending, output: '', durationMs: 30_000, missed: [], rules: [applied], events: [], ...more }
}

function transfer(verb: string, path: string, outcome: 'completed' | 'aborted' = 'completed'): FtpEvent {
  const direction = verb === 'STOR' ? 'received' : 'sent'
  return { type: 'transfer', verb, path, direction, outcome } as FtpEvent
}

test.each([
  ['success', 0, 'coped'],
  ['either', 0, 'coped'],
  ['failure', 0, 'fooled'],
  ['success', 1, 'gave up'],
  ['either', 1, 'reported'],
  ['failure', 1, 'reported'],
] as const)('outcome %s, exit status %i: %s', (outcome, status, verdict) => {
  expect(judge(played(status), outcome, NOTHING).verdict).toBe(verdict)
})

test('who claims success though something expected did not come true is fooled; who reports it is not', () => {
  const missed = ['transfers[0]: there was none.']
  expect(judge(played(0, { missed }), 'either', NOTHING)).toEqual({
    verdict: 'fooled',
    why: 'claims success, though: transfers[0]: there was none.',
  })
  expect(judge(played(1, { missed }), 'either', NOTHING).verdict).toBe('reported')
})

test.each([
  ['commands.never[0]: PASS is never to come, and came: PASS ***.', 'fooled'],
  ['commands[1].never[2]: PASS is never to come, and came: PASS ***.', 'fooled'],
  ['commands.inOrder[0]: PASS did not come.', 'reported'],
] as const)('who fails, and was missed: %s', (sentence, verdict) => {
  for (const outcome of ['either', 'failure'] as const) {
    expect(judge(played(1, { missed: [sentence] }), outcome, NOTHING).verdict).toBe(verdict)
  }
})

test('a claim of success needs all files that came to an end when nothing went wrong', () => {
  const baseline = { downloads: 1, uploads: 1 }
  const whole = [transfer('LIST', '/pub'), transfer('RETR', '/a'), transfer('STOR', '/b')]
  expect(judge(played(0, { events: whole }), 'either', baseline).verdict).toBe('coped')
  const cut = [transfer('LIST', '/pub'), transfer('RETR', '/a', 'aborted'), transfer('STOR', '/b')]
  expect(judge(played(0, { events: cut }), 'success', baseline)).toEqual({
    verdict: 'fooled',
    why: 'claims success, though: 0 of 1 download came to an end',
  })
  const twice = [...cut, transfer('RETR', '/a')]
  expect(judge(played(0, { events: twice }), 'either', baseline).verdict).toBe('coped')
  const kept = whole.slice(0, 2)
  expect(judge(played(0, { events: kept }), 'either', baseline).why).toMatch(/0 of 1 upload came to an end$/)
  expect(judge(played(1, { events: kept }), 'either', baseline).verdict).toBe('reported')
})

test('what the client never came to is no verdict on it, whatever it says', () => {
  for (const status of [0, 1]) {
    expect(judge(played(status, { rules: [applied, unfired] }), 'failure', NOTHING)).toEqual({
      verdict: 'not met',
      why: 'rules[0] (cut) never applied: no RETR came',
    })
    expect(judge(played(status, { rules: [unused] }), 'failure', NOTHING).verdict).toBe('not met')
  }
  expect(judge(played(0, { rules: [applied, unused] }), 'success', NOTHING).verdict).toBe('coped')
  expect(judge(played(0, { rules: [] }), 'success', NOTHING).verdict).toBe('coped')
})

test('who is ended by the time limit hangs', () => {
  expect(judge(played(0, { ending: { is: 'timed out' }, rules: [unfired] }), 'either', NOTHING)).toEqual({
    verdict: 'hung',
    why: 'still running after 30 s',
  })
})

test('who dies has not reported anything, also behind a shell', () => {
  const killed = played(0, { ending: { is: 'killed', signal: 'SIGSEGV' } })
  expect(judge(killed, 'either', NOTHING)).toEqual({ verdict: 'gave up', why: 'died: SIGSEGV' })
  expect(judge(played(134), 'failure', NOTHING)).toEqual({ verdict: 'gave up', why: 'died: SIGABRT' })
})

test('the why of a failure is the last line that the client wrote, as far as it can be shown', () => {
  const output = 'first\n\x1b[1mlast\x01\x1b[0m\n\n'
  expect(judge(played(3, { output }), 'either', NOTHING).why).toBe('exit status 3: last\\x01')
  expect(judge(played(3), 'success', NOTHING).why).toBe('exit status 3')
})
