import { expect, test } from 'vitest'
import { type CommandTable, checkCommands } from '../../src/commands/index.ts'
import { endOfSecretVerb } from '../../src/commands/table.ts'

const spec = { argument: 'none', help: 'XFOO', run: () => {} }
const check = (table: unknown) => checkCommands(table as CommandTable, 'handler.commands')

test.each(['XFOO', 'SITE XFOO', 'X-FOO', 'X1'])('%s is a verb', (verb) => {
  expect(() => check({ [verb]: spec })).not.toThrow()
})

test.each(['', 'xfoo', 'XFOo', 'X FOO BAR', ' XFOO', 'XFOO '])('%j is none', (verb) => {
  expect(() => check({ XBAR: spec, [verb]: spec })).toThrow(
    `handler.commands["${verb}"]: expected a verb of one or two words in capitals, found ${JSON.stringify(verb)}`,
  )
})

test.each<[unknown, string]>([
  [null, 'handler.commands: expected a table of commands, found null'],
  ['XFOO', 'handler.commands: expected a table of commands, found "XFOO"'],
  [{ XFOO: null }, 'handler.commands["XFOO"]: expected { argument, help, run }, found null'],
  [{ XFOO: 5 }, 'handler.commands["XFOO"]: expected { argument, help, run }, found 5'],
  [{ XFOO: { ...spec, argument: 'word' } }, 'handler.commands["XFOO"].argument: expected'],
  [{ XFOO: { ...spec, help: 5 } }, 'handler.commands["XFOO"].help: expected'],
  [{ XFOO: { ...spec, run: 'run' } }, 'handler.commands["XFOO"].run: expected'],
])('a table that will not do: %j', (table, message) => {
  expect(() => check(table)).toThrow(message)
})

test('where a secret begins: behind the first verb that has one, wherever it stands', () => {
  const table = { PASS: { ...spec, secret: true }, NOOP: spec } as unknown as CommandTable
  expect(endOfSecretVerb(table, 'PASS x')).toBe(4)
  expect(endOfSecretVerb(table, 'oops pass x PASS y')).toBe(9)
  expect(endOfSecretVerb(table, 'NOOP x')).toBeUndefined()
  expect(endOfSecretVerb(table, 'XPASS x')).toBeUndefined()
  expect(endOfSecretVerb({ NOOP: spec } as unknown as CommandTable, 'NOOP x')).toBeUndefined()
})
