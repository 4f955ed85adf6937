import { describe, expect, test } from 'vitest'
import { FilePrompt } from '../../../src/cli/live/file-prompt.ts'
import { keyPress } from '../../../src/cli/live/key-press.ts'
import type { Prompt, PromptStep } from '../../../src/cli/live/prompt.ts'
import { ScenarioPrompt } from '../../../src/cli/live/scenario-prompt.ts'

const NAMES = ['abort-download', 'abort-upload', 'slow-download', 'none']

/** Keys by their names, a text as the keys that write it. */
function pressed(prompt: Prompt, ...keys: readonly string[]): PromptStep {
  let step: PromptStep = { is: 'open', prompt }
  for (const key of keys) {
    if (step.is !== 'open') throw new Error(`over before ${key}`)
    const writes = key.length === 1 || key.startsWith('"')
    const presses = writes
      ? [...key.replaceAll('"', '')].map((text) => ({ name: text, text }))
      : [{ name: key, text: '' }]
    for (const press of presses) if (step.is === 'open') step = step.prompt.press(press)
  }
  return step
}

function look(step: PromptStep, columns = 80): string {
  if (step.is !== 'open') throw new Error(`it is ${step.is}`)
  const { before, behind } = step.prompt.line(columns)
  return `${before}|${behind}`
}

describe('choosing a scenario', () => {
  test.each([
    [[], 'Scenario: |  1/4  [abort-download]  abort-upload  slow-download  none'],
    [['"down"'], 'Scenario: down|  1/2  [abort-download]  slow-download'],
    [['"load slow"'], 'Scenario: load slow|  1/1  [slow-download]  '],
    [['"SLOW"'], 'Scenario: SLOW|  1/1  [slow-download]  '],
    [['down'], 'Scenario: |  2/4  [abort-upload]  slow-download  none'],
    [['up'], 'Scenario: |  1/4  [abort-download]  abort-upload  slow-download  none'],
    [['pagedown'], 'Scenario: |  4/4  [none]  '],
    [['"a"', 'down', 'tab'], 'Scenario: abort-upload|  1/1  [abort-upload]  '],
    [['"x/y"'], 'Scenario: x/y|  (no such name; Enter takes it as a file)'],
    [['"slow"', 'left', 'left', 'x'], 'Scenario: slx|ow  (no such name; Enter takes it as a file)'],
    [['"slo"', 'down', 'left'], 'Scenario: sl|o  1/1  [slow-download]  '],
    [['down', '"b"', 'backspace'], 'Scenario: |  1/4  [abort-download]  abort-upload  slow-download  none'],
  ])('%j', (keys, line) => {
    expect(look(pressed(new ScenarioPrompt(NAMES), ...keys))).toBe(line)
  })

  test('Enter takes the one that is marked, or what was typed; Esc nothing', () => {
    const prompt = new ScenarioPrompt(NAMES)
    expect(pressed(prompt, '"up"', 'return')).toEqual({ is: 'answered', answer: 'abort-upload' })
    expect(pressed(prompt, '" ./own.yaml "', 'return')).toEqual({ is: 'answered', answer: './own.yaml' })
    expect(pressed(prompt, '"up"', 'escape')).toEqual({ is: 'cancelled' })
  })

  test('names that begin with what was typed come first', () => {
    expect(look(pressed(new ScenarioPrompt(['a-slow', 'slow-b']), '"slow"'))).toContain('[slow-b]  a-slow')
  })

  test('it begins with the one in use', () => {
    expect(look({ is: 'open', prompt: new ScenarioPrompt(NAMES, undefined, 2) })).toContain('3/4  [slow-download]')
    expect(look({ is: 'open', prompt: new ScenarioPrompt(NAMES, undefined, -1) })).toContain('1/4  [abort-download]')
  })

  test.each([1, 5, 12, 20, 30, 80])('in %d columns', (columns) => {
    for (const keys of [[], ['"abc"'], [`"${'x'.repeat(100)}"`], [`"${'x'.repeat(100)}"`, 'left']]) {
      const text = look(pressed(new ScenarioPrompt(NAMES), ...keys), columns).replace('|', '')
      expect(text.length).toBeLessThanOrEqual(columns)
    }
  })
})

describe('naming a file', () => {
  const prompt = new FilePrompt('a b.txt')

  test.each([
    [[], 'a b.txt|'],
    [['backspace', 'ö'], 'a b.txö|'],
    [['home', 'x'], 'x|a b.txt'],
    [['ctrl-a', 'delete', 'end', '!'], ' b.txt!|'],
    [['ctrl-w', 'c'], 'a c|'],
    [['ctrl-u', '"👍é"', 'left', 'left', 'right', 'backspace'], '|é'],
    [['left', 'left', 'left', 'left', 'ctrl-k'], 'a b|'],
    [['f5', 'ctrl-x', 'constructor'], 'a b.txt|'],
    [['ctrl-u', 'backspace', 'left', 'right', 'delete', 'ctrl-w'], '|'],
  ])('%j', (keys, input) => {
    expect(look(pressed(prompt, ...keys))).toBe(`Write to: ${input}  (Enter writes, Esc does not)`)
    const answer = input.replace('|', '').trim()
    expect(pressed(prompt, ...keys, 'return')).toEqual(answer === '' ? { is: 'cancelled' } : { is: 'answered', answer })
  })

  test('Esc', () => {
    expect(pressed(prompt, 'escape')).toEqual({ is: 'cancelled' })
  })
})

test.each([
  ['a', { name: 'a' }, { name: 'a', text: 'a' }],
  ['S', { name: 's', shift: true }, { name: 's', text: 'S' }],
  ['?', { sequence: '?' }, { name: '?', text: '?' }],
  [' ', { name: 'space' }, { name: 'space', text: ' ' }],
  ['\r', { name: 'return' }, { name: 'return', text: '' }],
  ['\x03', { name: 'c', ctrl: true }, { name: 'ctrl-c', text: '' }],
  ['\x1b', { name: 'escape', meta: true }, { name: 'escape', text: '' }],
  ['\x1bq', { name: 'q', meta: true }, { name: 'meta-q', text: '' }],
  [undefined, { name: 'up', sequence: '\x1b[A' }, { name: 'up', text: '' }],
  [undefined, { sequence: '\x1b[200~' }, { name: '\x1b[200~', text: '' }],
  ['\x1c', { sequence: '\x1c' }, { name: '\x1c', text: '' }],
  ['\u202e', {}, { name: '\u202e', text: '' }],
  ['\u009b', {}, { name: '\u009b', text: '' }],
])('a key: %j, %j', (text, key, expected) => {
  expect(keyPress(text, key)).toEqual(expected)
})
