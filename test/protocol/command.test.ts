import { expect, test } from 'vitest'
import { parseCommand } from '../../src/protocol/command.ts'

test.each([
  ['NOOP', 'NOOP', ''],
  ['noop', 'NOOP', ''],
  ['nOoP ', 'NOOP', ''],
  ['USER bob', 'USER', 'bob'],
  ['user Bob', 'USER', 'Bob'],
  ['SITE chmod 644 a', 'SITE', 'chmod 644 a'],
  // Every space behind the first may be part of a name.
  ['DELE  a', 'DELE', ' a'],
  ['DELE a b ', 'DELE', 'a b '],
  ['DELE\ta', 'DELE\tA', ''],
  [' NOOP', '', 'NOOP'],
  ['', '', ''],
  [' ', '', ''],
  ['DELE ä', 'DELE', 'ä'],
  ['PASS ', 'PASS', ''],
  ['\xffabor', 'ŸABOR', ''],
])('%j is %j with %j', (line, verb, argument) => {
  expect(parseCommand(line)).toEqual({ verb, argument })
})
