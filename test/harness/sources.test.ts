import { expect, test } from 'vitest'
import { type OptionSource, optionsFrom, startFrom } from '../../src/harness/sources.ts'
import { startFtpServer } from '../../src/index.ts'

test('what comes later counts more', () => {
  const options = optionsFrom([
    { name: 'one', options: { port: 1, timeout: '1s' } },
    { name: 'two', options: { port: 2 } },
  ])
  expect(options).toEqual({ port: 2, timeout: '1s' })
})

test.each([
  [{ prot: 1 }, 'ERR_OPTION_UNKNOWN', 'two: prot: unknown option; did you mean "port"?'],
  [{ port: -1 }, 'ERR_OPTION_INVALID', 'two: port: expected a whole number from 0 to 65535, found -1'],
  [{ files: 'bsic' }, 'ERR_WORLD_UNKNOWN', expect.stringContaining('two: files: no world and no directory named')],
  [{ scenario: 'slow-downlod' }, 'ERR_SCENARIO_UNKNOWN', expect.stringContaining('did you mean "slow-download"?')],
  ['basic', 'ERR_OPTION_INVALID', expect.stringContaining('two: options: expected an object')],
])('%j is refused, naming where it stands', (given: unknown, code, message) => {
  const sources = [
    { name: 'one', options: { timeout: '1s' } },
    { name: 'two', options: given },
  ] as OptionSource[]
  expect(() => optionsFrom(sources)).toThrow(expect.objectContaining({ code, message }))
})

test('what goes ill with a source before it is told of the one that brought it', () => {
  const sources: OptionSource[] = [
    { name: 'one', options: { files: 'basic' } },
    { name: 'two', options: { root: '/tmp' } },
  ]
  expect(() => optionsFrom(sources)).toThrow(/^two: root: expected no "files" beside it/)
})

test.each([
  [{ timeout: 'abc' }, 'ERR_OPTION_INVALID', /^two: timeout: expected milliseconds/],
  [{ passivePorts: 'x' }, 'ERR_OPTION_INVALID', /^two: passivePorts: expected/],
  [{ root: '/nowhere/at all' }, 'ERR_DIRECTORY_UNUSABLE', /^two: root: no such directory/],
])(
  'what is found wrong with %j when the server starts is told with its place too',
  async (given: unknown, code, message) => {
    const sources = [
      { name: 'one', options: { timeout: 'abd', banner: 'Hello.' } },
      { name: 'two', options: { timeout: '1s', ...(given as object) } },
      { name: 'three', options: { banner: 'Hi.' } },
    ] as OptionSource[]
    const started = startFrom(sources, startFtpServer)
    await expect(started).rejects.toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
    await expect(started).rejects.toHaveProperty('stack', expect.not.stringContaining('    at '))
  },
)
