import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, expect, test } from 'vitest'
import { faults } from '../../src/faults/table.ts'
import { type LoadedScenario, loadRule, loadScenario } from '../../src/scenario/load.ts'
import { ScenarioError } from '../../src/scenario.ts'
import { soon } from './inputs.ts'
import { holds, isLong } from './runs.ts'
import { goodText, mutatedData, mutatedText, mutatedValue } from './scenarios.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'ftp-fixture-fuzz-'))
afterAll(() => rmSync(directory, { recursive: true }))

afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(12)
  expect('polluted' in {}).toBe(false)
})

function fromFile(text: string | Buffer, ending = 'yaml'): LoadedScenario {
  const file = path.join(directory, `x.${ending}`)
  writeFileSync(file, text)
  return loadScenario(file)
}

/** What is loaded, sound; or the one error that there may be, with its place. */
function outcome(load: () => LoadedScenario): LoadedScenario | ScenarioError {
  try {
    const loaded = soon(load, 3000)
    for (const group of loaded.rules.flatMap(({ then }) => then)) {
      for (const name of Object.keys(group)) expect(Object.hasOwn(faults, name), name).toBe(true)
    }
    expect(Object.getPrototypeOf(loaded.options)).toBe(Object.prototype)
    return loaded
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    expect(error.place.file).not.toBe('')
    expect(error.message.length).toBeLessThan(3000)
    return error
  }
}

holds(
  'a scenario that is right is loaded',
  fc.property(goodText, (text) => void expect(String(outcome(() => fromFile(text)))).toBe('[object Object]')),
  { runs: 30 },
)

holds(
  'whatever becomes of a file, it is a scenario or an error with its line',
  fc.property(mutatedText, fc.constantFrom('yaml', 'json'), (text, ending) => {
    const found = outcome(() => fromFile(text, ending))
    if (!(found instanceof Error)) return
    expect(found.message).not.toMatch(/undefined|Invalid input|\[object/)
    if (!found.message.includes('is empty')) expect(found.place.line).toBeGreaterThan(0)
  }),
  { runs: 200 },
)

holds(
  'whatever bytes are in a file, it is a scenario or an error with its place',
  fc.property(fc.uint8Array(), (bytes) => void outcome(() => fromFile(Buffer.from(bytes)))),
)

/** Keys that mean something else to objects: they are keys that nobody knows, wherever they stand. */
const STRANGE_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].flatMap((key) => [
  `{"rules":[],"${key}":{"polluted":true}}`,
  `{"rules":[{"then":{"delay":1,"${key}":{"polluted":true}}}]}`,
  `{"rules":[{"when":{"${key}":"RETR"},"then":{"delay":1}}]}`,
  `{"rules":[{"then":{"delay":{"for":1,"${key}":1}}}]}`,
  `{"options":{"${key}":{"timeout":1}}}`,
  `{"users":[{"username":"a","password":"b","${key}":{"perm":"e"}}]}`,
  `{"files":{"/a":{"size":1,"${key}":{"polluted":true}}}}`,
  `{"expect":{"${key}":{"quit":true}}}`,
])

test.each(STRANGE_KEYS)('%s is refused', (text) => {
  expect(outcome(() => fromFile(text, 'json'))).toBeInstanceOf(ScenarioError)
  expect(outcome(() => loadScenario(JSON.parse(text)))).toBeInstanceOf(ScenarioError)
})

holds(
  'whatever becomes of data, it is a scenario or an error with its place, from a file or not',
  fc.property(mutatedData, (value) => {
    // A text is the name of one.
    fc.pre(typeof value !== 'string')
    const ofFile = outcome(() => fromFile(JSON.stringify(value), 'json'))
    const ofValue = outcome(() => loadScenario(value as object))
    if (ofValue instanceof Error && !(ofFile instanceof Error)) throw ofValue
  }),
  { runs: 150, examples: STRANGE_KEYS.map((text) => [JSON.parse(text)]) },
)

holds(
  'whatever becomes of a value, it is a scenario or an error with its place',
  fc.property(mutatedValue, (value) => {
    fc.pre(typeof value !== 'string')
    outcome(() => loadScenario(value as object))
  }),
  { runs: 200 },
)

holds(
  'a rule is a rule or an error with its place',
  fc.property(fc.anything({ withNullPrototype: true }), fc.anything(), (when, then) => {
    for (const rule of [when, { when, then }, { then }, { then: [then] }, { then: { cut: then } }]) {
      try {
        soon(() => loadRule(rule as Parameters<typeof loadRule>[0]))
      } catch (error) {
        if (!(error instanceof ScenarioError)) throw error
      }
    }
  }),
)

/** Texts that are small, or as large as a file may be, and much work for who is careless. */
function bomb(kind: string, size: number): string {
  const count = 2 ** size
  switch (kind) {
    case 'aliases of aliases': {
      const levels = Array.from(
        { length: size },
        (_, at) => `a${at}: &a${at} [${`*a${at - 1},`.repeat(at === 0 ? 0 : 9)}x]`,
      )
      return levels.join('\n')
    }
    case 'aliases':
      return `a: &a x\nb: [${'*a,'.repeat(count)}]`
    case 'anchors':
      return Array.from({ length: count }, (_, at) => `- &a${at} x`).join('\n')
    case 'depth':
      return '['.repeat(count)
    case 'depth of maps':
      return '{a: '.repeat(count)
    case 'keys':
      return Array.from({ length: count }, (_, at) => `k${at}: 1`).join('\n')
    case 'rules':
      return `rules:\n${'- {then: {dely: 1}}\n'.repeat(count)}`
    case 'files':
      return `files:\n${Array.from({ length: count }, (_, at) => `  /${at}: {sise: 1}`).join('\n')}`
    case 'a key':
      return `${'k'.repeat(count)}: 1`
    case 'a verb':
      return `rules: [{when: {command: ${'R'.repeat(count)}}, then: {delay: 1}}]`
    case 'a glob':
      return `rules: [{when: {path: "/${'*(a|'.repeat(count)}"}, then: {delay: 1}}]`
    case 'braces':
      return `rules: [{when: {path: "/${'{a,b}'.repeat(count)}"}, then: {delay: 1}}]`
    case 'numbers':
      return `rules: [{then: {delay: ${'9'.repeat(count)}s}}]`
    default:
      return `rules: [{then: {reply: "${'5\\n'.repeat(count)}"}}]`
  }
}

const KINDS = [
  ...[
    'aliases of aliases',
    'aliases',
    'anchors',
    'depth',
    'depth of maps',
    'keys',
    'rules',
    'files',
    'a key',
    'a verb',
  ],
  ...['a glob', 'braces', 'numbers', 'lines'],
]

holds(
  'what is very large, very deep or repeats itself takes no time out of all proportion',
  fc.property(fc.constantFrom(...KINDS), fc.nat(isLong ? 19 : 12), (kind, size) => {
    const text = bomb(kind, size)
    if (text.length < 1024 * 1024) soon(() => outcome(() => fromFile(text)), 10_000)
  }),
  // To find out why 32,768 keys are wrong took the square of their number, and ended in a RangeError.
  {
    runs: 30,
    examples: [
      ['keys', 15],
      ['files', 13],
    ],
  },
)
