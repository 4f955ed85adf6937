import { describe, expect, test } from 'vitest'
import { RunningCli } from '../support/cli.ts'

const NAMES = ['serve', 'run', 'check', 'scenarios', 'validate']

async function ran(args: readonly string[]) {
  const cli = new RunningCli(args)
  const status = await cli.status()
  return { status, output: cli.output, errors: cli.errors }
}

test('--help names all subcommands', async () => {
  const { output } = await ran(['--help'])
  const [, list = ''] = /^Subcommands, .*:\n((?: {2}\w+ {2,}\S.*\n)+)\n/m.exec(output) ?? []
  expect([...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)).toEqual(NAMES)
})

describe.each(NAMES.slice(1))('%s', (name) => {
  test('--help tells of it alone, in lines of at most 100 columns, without a command and operands', async () => {
    const { status, output, errors } = await ran([name, '--help'])
    expect([status, errors]).toEqual([0, ''])
    expect(output).toMatch(new RegExp(`^Usage: ftp-fixture ${name} \\[options\\] `))
    expect(output).not.toMatch(/--concurrency|Subcommands/)
    expect(Math.max(...output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('--version', async () => {
    expect((await ran([name, '-V'])).output).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
  })
})

test.each([
  [['rnu'], 'unknown subcommand "rnu"; did you mean "run"?'],
  [['scenario'], 'unknown subcommand "scenario"; did you mean "scenarios"?'],
  [['-D', 'valdate', 'x.yaml'], 'unknown subcommand "valdate"; did you mean "validate"?'],
  [['-D', 'scenarios'], '"scenarios" has to be the first argument: ftp-fixture scenarios [options] [scenario…]'],
  [['constructor'], 'unexpected argument "constructor"'],
  [['run', '--debug', '--', 'true'], 'unknown option --debug; run --help shows them all'],
])('a subcommand that is none, or none there: %j', async (args, message) => {
  expect(await ran(args)).toEqual({ status: 2, output: '', errors: `ftp-fixture: ${message}\n` })
})
