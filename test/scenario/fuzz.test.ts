import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { chance } from '../../src/scenario/chance.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { type Scenario, ScenarioError } from '../../src/scenario.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'ftp-fixture-fuzz-'))
afterAll(() => rmSync(directory, { recursive: true }))

const YAML = `name: x
extends: [abort-download-midway]
options: { timeout: 5s, tls: true }
users:
  - { username: a, password: b, perm: elr }
files: { /a: "a\\n", /b: { size: 4KiB, seed: 1 } }
rules:
  - when: { command: [RETR, STOR], path: "/*.bin", user: a }
    skip: 1
    times: 2
    then: { delay: 5s, cut: { after: 50%, with: rst } }
  - when: { phase: data-byte, at: 1KiB }
    then:
      - { delay: 1s }
expect: { commands: [RETR], quit: true }
`

const BITS = [
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
  '*a',
  '&a ',
  '!x ',
  '---\n',
  '%',
  '#',
  '\0',
  '0',
  '-1',
  '5s',
  'null',
  '~',
  '<<',
  '? ',
  '|',
  '>',
  '\ud800',
  '__proto__',
]

function mutated(text: string, seed: number): string {
  let result = text
  for (let n = 0; n < 1 + (seed % 4); n++) {
    const at = Math.floor(chance(seed, n, 1) * result.length)
    const length = Math.floor(chance(seed, n, 2) * 6)
    const bit = BITS[Math.floor(chance(seed, n, 3) * BITS.length)] ?? ''
    result = result.slice(0, at) + (chance(seed, n, 4) < 0.3 ? '' : bit) + result.slice(at + length)
  }
  return result
}

test('whatever becomes of a file, it is a scenario or an error with its place', () => {
  expect(() => load(YAML, 'yaml')).not.toThrow()
  let refused = 0
  for (let seed = 1; seed <= 600; seed++) {
    const text = mutated(YAML, seed)
    try {
      load(text, seed % 2 === 0 ? 'yaml' : 'json')
    } catch (error) {
      refused++
      expect(error, `seed ${seed}: ${JSON.stringify(text)}: ${(error as Error).stack}`).toBeInstanceOf(ScenarioError)
      const { place, message } = error as ScenarioError
      const isEmpty = message.includes('is empty')
      if (!isEmpty) expect(place.line, `seed ${seed}: ${message}`).toBeGreaterThan(0)
      expect(message.length, message).toBeLessThan(900)
      expect(message).not.toMatch(/undefined|Invalid input|\[object/)
    }
  }
  expect(refused).toBeGreaterThan(280)
})

const ODD = [
  null,
  undefined,
  0,
  -1,
  1.5,
  Number.NaN,
  '',
  'x',
  true,
  [],
  [[]],
  {},
  { a: 1 },
  () => {},
  Symbol('x'),
  5n,
  new Date(0),
  new Map(),
  Buffer.from('x'),
]

/** The value with the n-th thing in it replaced. */
function replaced(value: unknown, by: unknown, counter: { left: number }): unknown {
  if (counter.left-- === 0) return by
  if (Array.isArray(value)) return value.map((inner) => replaced(inner, by, counter))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, by, counter)]))
}

test('so it is with a value', () => {
  const scenario: Scenario = {
    options: { timeout: '5s' },
    users: [{ username: 'a', password: 'b' }],
    files: { '/a': { size: 5 } },
    rules: [{ when: { command: 'RETR', path: '/x' }, times: 2, then: { delay: '5s', cut: { after: 5 } } }],
    expect: { commands: ['RETR'] },
  }
  for (let at = 0; at < 24; at++) {
    for (const odd of ODD) {
      try {
        loadScenario(replaced(scenario, odd, { left: at }) as Scenario)
      } catch (error) {
        const isKnown = error instanceof ScenarioError || typeof odd === 'string'
        expect(isKnown, `${at}, ${String(odd)}: ${(error as Error).stack}`).toBe(true)
      }
    }
  }
})

function load(text: string, ending: string): void {
  const file = path.join(directory, `x.${ending}`)
  writeFileSync(file, text)
  loadScenario(file)
}
