import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parse } from 'yaml'
import { scenarioNames } from '../../src/scenario.ts'
import { anyText, numberText } from './inputs.ts'

/** A scenario with something of everything that the language has. */
const ALL = `name: all
extends: [abort-download-midway]
seed: 7
options: { timeout: 5s, tls: true, passivePorts: { from: 2000, to: 2010 }, masqueradeAddressMap: { 127.0.0.1: 10.0.0.1 } }
users:
  - &user { username: a, password: b, perm: elr, home: /a }
files: { /a/: {}, /b: { size: 4KiB, seed: 1, mode: 0o644, modified: 2020-01-01T00:00:00Z }, /c: { link: b }, /d: "d\\n" }
rules:
  - when: { command: [RETR, STOR], path: "/*.bin", user: a, session: [1, 2], type: I, unsaid: REST, login: true }
    skip: 1
    times: 2
    chance: 0.5
    then: { delay: 5s, cut: { after: 50%, with: rst } }
  - when: { phase: data-byte, at: 1KiB }
    then:
      - { delay: { for: 1s, jitter: 10ms } }
  - when: { phase: idle, after: 5m }
    then: { say: ["421 Gone.", { raw: "x", times: 3 }] }
  - { name: third, optional: true, when: { command: SITE CHMOD, argument: "7*" }, then: { reply: 550 No. } }
expect: { commands: { inOrder: [RETR *.bin, STOR], never: [DELE] }, quit: true, transfers: [{ path: "/**", bytes: ">=1KiB" }], files: { /b: true } }
`

const builtIn = scenarioNames().map((name) =>
  readFileSync(new URL(`../../scenarios/${name}.yaml`, import.meta.url), 'utf8'),
)

/** The text of a scenario that is right. */
export const goodText: fc.Arbitrary<string> = fc.oneof(fc.constant(ALL), fc.constantFrom(...builtIn))

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'length',
  '',
  '0',
  '$ref',
  '<<',
]
const key = fc.oneof(fc.constantFrom(...NAMES), anyText)

/** What a person, or nobody, would write in a scenario. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 1.5, '5s', '1KiB', '50%', 'none', 'forever', '/a', [], [[]], {}, { a: 1 }),
  fc.constantFrom(...NAMES),
  anyText,
  numberText,
  fc.jsonValue({ maxDepth: 3 }),
  // As it comes of `JSON.parse`: a key of its own, not the prototype.
  key.map((name) => Object.fromEntries([[name, { polluted: true }]])),
)
const inCode = fc.oneof(odd, fc.anything({ withDate: true, withMap: true, withTypedArray: true, withBigInt: true }))

interface Change {
  readonly at: number
  readonly is: 'replaced' | 'removed' | 'added' | 'renamed' | 'doubled'
  readonly by: unknown
  readonly key: string
}

function changes(by: fc.Arbitrary<unknown>): fc.Arbitrary<Change[]> {
  const is = fc.constantFrom<Change['is']>('replaced', 'removed', 'added', 'renamed', 'doubled')
  return fc.array(fc.record({ at: fc.nat(60), is, by, key }), { minLength: 1, maxLength: 3 })
}

/** A scenario as data that was right before something in it was changed. */
export const mutatedData: fc.Arbitrary<unknown> = mutated(odd)

/** The same in code, where there may be anything in it. */
export const mutatedValue: fc.Arbitrary<unknown> = mutated(inCode)

function mutated(by: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(goodText, changes(by))
    .map(([text, all]) => all.reduce<unknown>((value, each) => changed(value, each, { left: each.at }), parse(text)))
}

function changed(value: unknown, change: Change, counter: { left: number }): unknown {
  if (counter.left-- === 0 && change.is === 'replaced') return change.by
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => {
      const isHere = counter.left === 0
      const after = changed(item, change, counter)
      if (!isHere || change.is === 'replaced') return [after]
      return change.is === 'removed' ? [] : [after, change.is === 'doubled' ? after : change.by]
    })
    return items
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const isHere = counter.left === 0
    const after = changed(inner, change, counter)
    if (!isHere || change.is === 'replaced') return [[name, after]]
    if (change.is === 'removed') return []
    if (change.is === 'renamed') return [[change.key, after]]
    return [
      [name, after],
      [change.key, change.is === 'doubled' ? after : change.by],
    ]
  })
  return Object.fromEntries(entries)
}

const BITS = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ', ',
    '- ',
    '\n',
    '\t',
    ' ',
    '"',
    "'",
    '*user',
    '*a',
    '&a ',
    '!x ',
    '!!binary ',
    '!!map ',
  ],
  ...[
    '---\n',
    '...\n',
    '%YAML 1.2\n',
    '#',
    '\0',
    '0',
    '-1',
    '5s',
    'null',
    '~',
    '<<: ',
    '? ',
    '|',
    '>',
    '\ud800',
    '\ufeff',
  ],
  ...['__proto__', '__proto__: { polluted: true }', 'constructor: ', 'rules: ', 'then: ', '.inf', '.nan', '2020-01-01'],
]

/** The text of a scenario that was right before something in it was changed. */
export const mutatedText: fc.Arbitrary<string> = fc
  .tuple(
    goodText,
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(8), fc.constantFrom('', ...BITS)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((result, [share, length, bit]) => {
      const at = Math.floor(share * result.length)
      return result.slice(0, at) + bit + result.slice(at + length)
    }, text),
  )
