import fc from 'fast-check'
import { expect } from 'vitest'
import { flawOf } from '../../src/scenario/glob.ts'
import { globKit } from '../../src/scenario/kit.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { scenarioNames } from '../../src/scenario.ts'
import { anyText, soon } from './inputs.ts'
import { holds } from './runs.ts'

const sign = fc.constantFrom(
  '*',
  '**',
  '?',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '!',
  '+',
  '@',
  '|',
  ',',
  '/',
  '\\',
  'a',
  '.',
  '"',
)
const glob = fc.oneof(
  anyText,
  fc.array(sign, { maxLength: 12 }).map((all) => all.join('')),
)

holds(
  'a text is a glob, or it is told why not',
  fc.property(glob, (glob) => {
    const flaw = soon(() => flawOf(glob))
    if (flaw !== undefined) expect(flaw).not.toBe('')
    else expect(typeof globKit()(glob, { dot: true })('/a')).toBe('boolean')
  }),
)

const BUILT_IN = scenarioNames()
  .flatMap((name) => loadScenario(name).rules)
  .flatMap(({ when: { path, argument } }) => [path, argument])
  .filter((each) => each !== undefined)
const ofOneStar = fc.tuple(anyText, anyText).map(([before, after]) => `${before}*${after}`)
const hostile = fc
  .tuple(fc.constantFrom('a', '/', 'a/', '/a', '.', '*', ' ', '\\', '[', '{'), fc.constantFrom('', '!', '/', '\n'))
  .map(([unit, end]) => unit.repeat(2000 / unit.length) + end)

holds(
  'a client cannot make a glob of the built-in scenarios, or of one star, take long',
  fc.property(
    fc.oneof(fc.constantFrom('/**', '**/*.txt', '*.bin', ...BUILT_IN), ofOneStar),
    hostile,
    (glob, argument) => {
      if (flawOf(glob) !== undefined) return
      soon(() => globKit()(glob, { dot: true, bash: true, keepQuotes: true })(argument))
    },
  ),
)
