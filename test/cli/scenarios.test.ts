import { describe, expect, test } from 'vitest'
import { scenarioFile, scenarioNames } from '../../src/scenario/catalogue.ts'
import { MAIN, RunningCli } from '../support/cli.ts'
import { requireTool } from '../support/clients.ts'
import { run } from '../support/run.ts'
import { TempDirectory } from '../support/temp-directory.ts'

async function ran(args: readonly string[]) {
  const cli = new RunningCli(['scenarios', ...args])
  const status = await cli.status()
  return { status, output: cli.output, errors: cli.errors }
}

test('lists every built-in scenario under its theme, with its first sentence', async () => {
  const { status, output } = await ran([])
  expect(status).toBe(0)
  const rows = output.split('\n').filter((line) => line.startsWith('  '))
  expect(rows.map((row) => row.trim().split(' ')[0]).sort()).toEqual(scenarioNames())
  expect(rows.filter((row) => !/^ {2}[\w-]+ {2,}\S.*[.!]$/.test(row))).toEqual([])
  const [, uploads = ''] = /^uploads:\n((?: .*\n)+)/m.exec(output) ?? []
  expect(uploads).toMatch(/ {2}disk-full {2,}\S/)
  expect(uploads).not.toContain('slow-download')
})

test('a glob lists some, --json for programs', async () => {
  const { output } = await ran(['abort-*', '--json'])
  expect(JSON.parse(output)).toEqual([
    { name: 'abort-download-midway', theme: 'resume', description: expect.stringMatching(/^The data .* rest\.$/) },
    { name: 'abort-upload-midway', theme: 'uploads', description: expect.any(String) },
  ])
  expect((await ran(['abort-*'])).output).toMatch(/^resume:\n {2}abort-download-midway .*\n\nuploads:\n .*\n$/)
})

test('one that is named is explained', async () => {
  const { status, output } = await ran(['abort-download-midway'])
  expect(status).toBe(0)
  expect(output).toMatch(/^abort-download-midway \(resume\)\n\nThe data connection is reset after 32 KiB/)
  expect(output).toContain('Rules:\n  1. RETR, once: cut: { after: 32KiB, with: rst }\n')
  expect(output).toContain('cut: Ends the data connection after so many bytes')
  expect(output).toContain('Files:\n  /pub/file.bin:\n    size: 64KiB\n')
  expect(output).toContain('Expected of the client:\n  transfers:\n    - path: /pub/file.bin\n      complete: true\n')
  expect(output).toContain('Seen in:\n  https://github.com/')
  expect(output).toContain(`File:\n  ${scenarioFile('abort-download-midway')}\n`)
  expect(output).toContain('ftp-fixture run abort-download-midway -- ')
})

test('every built-in one can be explained', async () => {
  const { status, output, errors } = await ran(scenarioNames())
  expect([status, errors]).toEqual([0, ''])
  expect(output.match(/^A good client:$/gm)).toHaveLength(scenarioNames().length)
  expect(output.match(/^ {2}1\. \S.*: \S/gm)?.length).toBeGreaterThan(100)
  expect(output).not.toMatch(/undefined|\[object/)
})

test('as JSON it is the scenario itself', async () => {
  const { output } = await ran(['nat-masquerade', '--json'])
  expect(JSON.parse(output)).toMatchObject([
    { name: 'nat-masquerade', file: scenarioFile('nat-masquerade'), expect: { commands: ['PASV'] } },
  ])
})

test('one in a file is explained, with all that a rule may say', async () => {
  using directory = new TempDirectory()
  const file = directory.write(
    'own.yaml',
    `extends: nat-masquerade
rules:
  - name: mine
    when: { command: [RETR, STOR], path: /a/*, session: [1, 2], user: bob, type: I, login: true, unsaid: REST, argument: a* }
    skip: 1
    times: 3
    per: session
    chance: 0.5
    optional: true
    then: [{ delay: 1s }, { cut: { after: 1KiB } }]
users: [{ username: bob, password: b }]
`,
  )
  const { output } = await ran([file])
  expect(output).toContain(
    '(mine) RETR or STOR, of the path /a/*, with the argument a*, in TYPE I, by the user bob, in session 1 or 2, ' +
      'before REST was said, once somebody is logged in, 3 times in each session, after 1 match that it lets pass, ' +
      'with a chance of 0.5, if at all: delay: 1s; cut: { after: 1KiB }\n',
  )
  expect(output).toContain('Extends:\n  nat-masquerade\n')
  expect(output).toContain('Users:\n  - username: bob\n')
})

test.each([
  [
    ['abort-downlod-midway'],
    'no built-in scenario is named "abort-downlod-midway"; did you mean "abort-download-midway"?',
  ],
  [['quux'], 'no built-in scenario is named "quux"; "ftp-fixture scenarios" lists them'],
  [['quux*'], 'no built-in scenario matches "quux*"'],
  [['--jsno'], 'unknown option --jsno; did you mean --json?'],
])('a mistake is told in a line: %j', async (args, message) => {
  expect(await ran(args)).toEqual({ status: 2, output: '', errors: `ftp-fixture: ${message}\n` })
})

describe('piped into head', () => {
  requireTool('head')

  test('it does not crash', async () => {
    const { output } = await run('.', 'bash', [
      '-c',
      `set -o pipefail; '${process.execPath}' '${MAIN}' scenarios | head -1`,
    ])
    expect(output).toBe('control connection:\n')
  })
})
