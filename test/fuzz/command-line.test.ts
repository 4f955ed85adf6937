import fc from 'fast-check'
import { expect } from 'vitest'
import { serveRequest } from '../../src/cli/arguments.ts'
import { checkTogether, readCommandLine } from '../../src/cli/command-line.ts'
import { CliError } from '../../src/cli/errors.ts'
import { chosenScenarios } from '../../src/cli/scenario-names.ts'
import { subcommands } from '../../src/cli/subcommands.ts'
import { FtpFixtureError } from '../../src/options/error.ts'
import { anyText, numberText, soon } from './inputs.ts'
import { holds } from './runs.ts'

const FLAGS = [
  ...new Set(Object.values(subcommands).flatMap(({ flagGroups }) => Object.values(flagGroups).flatMap(Object.keys))),
]
const value = fc.oneof(
  fc.oneof(anyText, numberText),
  fc.constantFrom('5s', '1KiB/s', '2000-2010', '9-1', '127.0.0.1', '::', 'json', 'multi-proc', 'utf-8', '__proto__'),
)
const flag = fc.constantFrom(...FLAGS, '__proto__', 'constructor', 'no-tls')
const argument = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(flag, value).map(([flag, value]) => [`--${flag}`, value]) },
  fc.tuple(flag, value).map(([flag, value]) => [`--${flag}=${value}`]),
  flag.map((flag) => [`--${flag}`]),
  fc.stringMatching(/^-[a-zA-Z]{1,3}$/).map((short) => [short]),
  fc.constantFrom('--', '-', '---', '--=', '').map((word) => [word]),
  value.map((word) => [word]),
)
const words = fc
  .tuple(fc.constantFrom(...Object.keys(subcommands), ''), fc.array(argument, { maxLength: 5 }))
  .map(([subcommand, args]) => [...(subcommand === '' ? [] : [subcommand]), ...args.flat()])

/** What is thrown to be told in a line, and nothing else, is `undefined`. */
function outcome<T>(action: () => T): T | undefined {
  try {
    return soon(action)
  } catch (error) {
    if (error instanceof CliError || error instanceof FtpFixtureError) return undefined
    throw error
  }
}

holds(
  'a command line is read, or refused in a sentence',
  fc.property(words, (args) => {
    const line = outcome(() => readCommandLine(args))
    if (line === undefined) return
    for (const [name, given] of line.given) {
      expect(Object.hasOwn(line.flags, name)).toBe(true)
      expect(given).toBe(line.lists.get(name)?.at(-1))
    }
    outcome(() => checkTogether(line))
    if (line.name === 'serve') outcome(() => serveRequest(line))
  }),
  { runs: 300 },
)

holds(
  'a word chooses scenarios that there are, or is refused in a sentence',
  fc.property(
    fc.oneof(
      anyText,
      fc.array(fc.constantFrom(...'*?[]{}()!+@|,ab-'.split(''))).map((all) => all.join('')),
    ),
    (word) => {
      // A file or a directory may be anywhere.
      fc.pre(!/[\\/]|\.(ya?ml|json)$/i.test(word))
      const found = outcome(() => chosenScenarios([word]))
      if (found !== undefined) expect(chosenScenarios([])).toEqual(expect.arrayContaining(found))
    },
  ),
)
