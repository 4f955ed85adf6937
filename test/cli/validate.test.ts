import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { scenarioFile, scenarioNames } from '../../src/scenario/catalogue.ts'
import { RunningCli } from '../support/cli.ts'
import { TempDirectory } from '../support/temp-directory.ts'

const GOOD = 'rules: [{ when: { command: RETR }, then: { delay: 1s } }]\n'
const BAD = 'rules:\n  - when: { comand: RETR }\n    then: { delay: 1s }\n'

async function ran(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const cli = new RunningCli(['validate', ...args], env)
  const status = await cli.status()
  return { status, output: cli.output, errors: cli.errors }
}

test('says of each file that it is ok, or where it is wrong', async () => {
  using directory = new TempDirectory()
  const good = directory.write('good.yaml', GOOD)
  const bad = directory.write('bad.yaml', BAD)
  const yaml = directory.write('no.yaml', 'rules: [\n')
  const missing = directory.at('missing.json')
  const { status, output, errors } = await ran([bad, good, yaml, missing, good])
  expect(output.split('\n')).toEqual([
    `${bad}:2:13: rules[0].when.comand: unknown key; did you mean "command"?`,
    `${good}: ok`,
    expect.stringMatching(new RegExp(`^${yaml}:2:1: no YAML: `)),
    expect.stringMatching(new RegExp(`^${missing}: cannot be read as a scenario: there is no such file`)),
    '',
  ])
  expect(status).toBe(1)
  expect(errors).toBe('')
})

test('says all that is wrong with a file in one go, in the order of place', async () => {
  using directory = new TempDirectory()
  const bad = directory.write(
    'bad.yaml',
    `descripton: x
rules:
  - when: { comand: RETR, sesion: 1 }
    tehn: { delay: 1s }
  - when: { command: [RETRR, STRO] }
    then: { delay: 1s }
  - then: [{ delay: soon }, { cut: { afer: 4KiB, wiht: rst } }]
    tims: 2
  - { when: { command: PWD }, then: { cut: { after: 1 } } }
expect: { commands: [USRE, PASSS], transfers: [{ verb: RTER }] }
`,
  )
  const { status, output } = await ran([bad])
  expect(output.replaceAll(bad, 'bad').split('\n')).toEqual([
    'bad:1:1: descripton: unknown key; did you mean "description"?',
    'bad:3:13: rules[0].when.comand: unknown key; did you mean "command"?',
    'bad:3:27: rules[0].when.sesion: unknown key; did you mean "session"?',
    'bad:4:5: rules[0].tehn: unknown key; did you mean "then"?',
    'bad:5:23: rules[1].when.command[0]: there is no command "RETRR"; did you mean "RETR"?',
    'bad:5:30: rules[1].when.command[1]: there is no command "STRO"; did you mean "STOR"?',
    expect.stringMatching(/^bad:7:21: rules\[2\]\.then\[0\]\.delay: expected .*, found "soon"$/),
    'bad:7:38: rules[2].then[1].cut.afer: unknown key; did you mean "after"?',
    'bad:7:50: rules[2].then[1].cut.wiht: unknown key; did you mean "with"?',
    'bad:8:5: rules[2].tims: unknown key; did you mean "times"?',
    expect.stringMatching(/^bad:9:24: rules\[3\]\.when\.command: cut is nothing for PWD; expected /),
    'bad:10:22: expect.commands[0]: there is no command "USRE"; did you mean "USER"?',
    'bad:10:28: expect.commands[1]: there is no command "PASSS"; did you mean "PASS"?',
    'bad:10:56: expect.transfers[0].verb: there is no command "RTER"; did you mean "RETR"?',
    '',
  ])
  expect(status).toBe(1)
})

test('what only a server would refuse is found too: files, users', async () => {
  using directory = new TempDirectory()
  const files = directory.write('files.yaml', 'files:\n  /a: x\n  /a/b: y\n')
  const users = directory.write(
    'users.yaml',
    'users:\n  - { username: a, password: b }\n  - { username: a, password: c }\n',
  )
  const { status, output } = await ran([files, users])
  expect(output).toMatch(/files\.yaml:\d:\d+: files\["\/a/)
  expect(output).toMatch(/users\.yaml:3:\d+: users\[1\]/)
  expect(status).toBe(1)
})

test('a mistake in what a file extends is told with its place there', async () => {
  using directory = new TempDirectory()
  const base = directory.write('base.yaml', BAD)
  const file = directory.write('own.yaml', 'extends: ./base.yaml\n')
  expect((await ran([file])).output).toBe(
    `${file}: ${base}:2:13: rules[0].when.comand: unknown key; did you mean "command"?\n`,
  )
})

test('directories and globs; other files of a directory are none of its business', async () => {
  using directory = new TempDirectory()
  directory.write('a.yaml', GOOD)
  directory.write('deep/er/b.yml', GOOD)
  directory.write('deep/c.json', '{ "rules": [] }')
  directory.write('deep/extending.json', '{ "name": "x", "extends": "./c.json" }')
  directory.write('deep/expecting.json', '{ "expect": { "commands": ["RETR"] } }')
  directory.write('package.json', '{ "name": "x", "description": "it rules", "files": [] }')
  directory.write('schema.json', '{ "properties": { "rules": {} } }')
  directory.write('list.json', '[{ "rules": [] }]')
  directory.write('notes.txt', 'nothing')
  directory.write('node_modules/x/d.yaml', BAD)
  const names = async (word: string) => {
    const { output, status } = await ran([word])
    expect(status).toBe(0)
    return output
      .split('\n')
      .slice(0, -1)
      .map((line) => path.relative(directory.path, line.replace(/: ok$/, '')))
  }
  const inJson = ['deep/c.json', 'deep/expecting.json', 'deep/extending.json']
  expect(await names(directory.path)).toEqual(['a.yaml', 'deep/c.json', 'deep/er/b.yml', ...inJson.slice(1)])
  expect(await names(directory.at('deep/**/*.{yml,json}'))).toEqual([
    'deep/c.json',
    'deep/er/b.yml',
    ...inJson.slice(1),
  ])
  expect(await names(directory.at('*.yaml'))).toEqual(['a.yaml'])
})

test('JSON of a directory that cannot be read is told of where it was to be a scenario', async () => {
  using directory = new TempDirectory()
  const torn = directory.write('torn.json', '{\n  "rules": [\n')
  directory.write('other.json', '{\n  // not for us\n  "compilerOptions": {} }')
  const { status, output } = await ran([directory.path])
  expect(output.split('\n')).toEqual([expect.stringContaining(`${torn}:`), ''])
  expect(status).toBe(1)
})

test('the built-in ones are all right', async () => {
  const { status, output } = await ran([path.dirname(scenarioFile('x'))])
  expect(output.split('\n').slice(0, -1)).toHaveLength(scenarioNames().length)
  expect(status).toBe(0)
})

test('--json, for programs', async () => {
  using directory = new TempDirectory()
  const good = directory.write('good.yaml', GOOD)
  const bad = directory.write('bad.yaml', 'rules:\n  - when: { comand: RETR, pth: /a }\n    then: { delay: 1s }\n')
  const { status, output } = await ran(['--json', good, bad])
  expect(JSON.parse(output)).toEqual([
    { file: good, valid: true, problems: [] },
    {
      file: bad,
      valid: false,
      problems: [
        {
          message: `${bad}:2:13: rules[0].when.comand: unknown key; did you mean "command"?`,
          place: { file: bad, line: 2, column: 13, path: 'rules[0].when.comand' },
        },
        {
          message: `${bad}:2:27: rules[0].when.pth: unknown key; did you mean "path"?`,
          place: { file: bad, line: 2, column: 27, path: 'rules[0].when.pth' },
        },
      ],
    },
  ])
  expect(status).toBe(1)
})

test('in GitHub Actions, what is wrong is annotated where it is', async () => {
  using directory = new TempDirectory()
  const bad = directory.write('bad, indeed.yaml', `${BAD}  - thn: { delay: 1s }\n`)
  const env = { GITHUB_ACTIONS: 'true' }
  const escaped = bad.replace(',', '%2C')
  const annotation = `::error file=${escaped},line=2,col=13,title=ftp-fixture validate::${bad}:2:13: rules[0]`
  const told = await ran([bad], env)
  expect(told.output).toContain(`\n${annotation}`)
  expect(told.output).toContain(`\n::error file=${escaped},line=4,col=5,`)
  const { output, errors } = await ran(['--json', bad], env)
  expect(JSON.parse(output)).toHaveLength(1)
  expect(errors).toContain(annotation)
})

test.each([
  [[], 'a file is missing: ftp-fixture validate file…'],
  [['nowhere/*.yaml'], 'no file matches "nowhere/*.yaml"'],
  [['test/cli'], 'no scenario file is in "test/cli"'],
  [['--jsno', 'x'], 'unknown option --jsno; did you mean --json?'],
])('a mistake in the command line is told in a line: %j', async (args, message) => {
  expect(await ran(args)).toEqual({ status: 2, output: '', errors: `ftp-fixture: ${message}\n` })
})

test('a path that cannot be looked at is told in a line', async () => {
  using directory = new TempDirectory()
  symlinkSync('loop.yaml', directory.at('loop.yaml'))
  const { status, errors } = await ran([directory.at('loop.yaml')])
  expect(status).toBe(2)
  expect(errors).toMatch(/^ftp-fixture: cannot look for scenarios in ".*loop\.yaml": ELOOP.*\n$/)
})
