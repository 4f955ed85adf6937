import { expectTypeOf, test } from 'vitest'
import {
  type Duration,
  defineScenario,
  type Expectation,
  type Rule,
  type Scenario,
  type Then,
  type When,
} from '../../src/scenario.ts'

// What a compiler says; nothing of it is run.

test('words are words, and quantities have units', () => {
  type Cut = NonNullable<Then['cut']>
  expectTypeOf<Cut['with']>().toEqualTypeOf<'fin' | 'rst' | undefined>()
  expectTypeOf<'50%'>().toExtend<Cut['after']>()
  expectTypeOf<'32KiB'>().toExtend<Cut['after']>()
  expectTypeOf<'50 %' | '32 KiB'>().toExtend<Cut['after']>()
  expectTypeOf<'5 s'>().toExtend<Duration>()
  expectTypeOf<'32k'>().not.toExtend<Cut['after']>()
  expectTypeOf<Duration>().toExtend<NonNullable<Then['delay']>>()
  expectTypeOf<'5x'>().not.toExtend<NonNullable<Then['delay']>>()
  expectTypeOf<'data-byte'>().toExtend<NonNullable<When['phase']>>()
  expectTypeOf<'later'>().not.toExtend<NonNullable<When['phase']>>()
  expectTypeOf<Rule['times']>().toEqualTypeOf<number | 'always' | undefined>()
})

test('slips do not compile', () => {
  const slips = (): Scenario[] => [
    // @ts-expect-error -- rules
    { rulse: [] },
    // @ts-expect-error -- then
    { rules: [{ tehn: { delay: 5 } }] },
    // @ts-expect-error -- then is needed
    { rules: [{ times: 1 }] },
    // @ts-expect-error -- delay
    { rules: [{ then: { dealy: 5 } }] },
    // @ts-expect-error -- after is needed
    { rules: [{ then: { cut: { with: 'rst' } } }] },
    // @ts-expect-error -- fin or rst
    { rules: [{ then: { cut: { after: 5, with: 'bang' } } }] },
    // @ts-expect-error -- a duration
    { rules: [{ then: { delay: '5 parsecs' } }] },
    // @ts-expect-error -- a phase
    { rules: [{ when: { phase: 'later' }, then: { delay: 5 } }] },
    // @ts-expect-error -- command
    { rules: [{ when: { verb: 'RETR' }, then: { delay: 5 } }] },
    // @ts-expect-error -- timeout
    { options: { timeot: 5 } },
    // @ts-expect-error -- a password is needed
    { users: [{ username: 'x' }] },
    // @ts-expect-error -- size
    { files: { a: { sise: 5 } } },
  ]
  expectTypeOf(slips).returns.items.toEqualTypeOf<Scenario>()
})

test('defineScenario takes what a scenario may be', () => {
  const define = () =>
    defineScenario({
      name: 'x',
      options: { timeout: '5s', tls: true, banner: () => 'hi' },
      files: { a: 'text', b: Buffer.from('bytes'), c: { size: '4KiB', modified: new Date() } },
      rules: [
        { when: { command: ['RETR'], phase: 'data-byte', at: '50%' }, then: { delay: '5s' } },
        { then: [{ delay: 5 }, { reply: '550 No.' }] },
        { then: (exchange) => exchange.say({ text: '200 Ok.' }) },
        { then: async ({ session }) => void session.handler.id },
      ],
    })
  expectTypeOf(define).returns.toExtend<Scenario>()
  const slips = () => [
    // @ts-expect-error -- delay, beside another fault
    defineScenario({ rules: [{ then: { reply: '550 No.', dealy: 5 } }] }),
    // @ts-expect-error -- times
    defineScenario({ rules: [{ tims: 1, then: { delay: 5 } }] }),
    // @ts-expect-error -- complete
    defineScenario({ expect: { transfers: [{ path: '/a', complet: true }] } }),
  ]
  expectTypeOf(slips).toBeFunction()
})

test('what is frozen fits, lists too', () => {
  const frozen = {
    name: 'x',
    source: ['https://example.org'],
    extends: ['slow-download'],
    options: { passivePorts: [5000, 5001], sslProtocol: { min: 'TLSv1.2', max: 'TLSv1.3' } },
    users: [{ username: 'a', password: 'b' }],
    files: { a: { size: '4KiB' } },
    rules: [
      {
        when: { command: ['RETR', 'STOR'], session: [1, 2], user: ['a'] },
        then: [{ split: { at: [3, 5], pause: '1s' } }, { reply: ['550 No.', { raw: '550' }] }],
      },
    ],
    expect: { commands: ['RETR'], transfers: [{ path: '/a' }], files: { a: true } },
  } as const
  expectTypeOf(frozen).toExtend<Scenario>()
  expectTypeOf(frozen.rules[0]).toExtend<Rule>()
  expectTypeOf(frozen.rules[0].when).toExtend<When>()
  expectTypeOf(frozen.expect).toExtend<Expectation>()
})
