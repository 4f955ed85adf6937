import { existsSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { RunningCli } from '../support/cli.ts'
import { requireTool, Tool } from '../support/clients.ts'
import { TempDirectory } from '../support/temp-directory.ts'

/** What would break a format that does not escape it. */
const NASTY = '\x1b[31m<b>&"]]>\x00\x07 ::error::50%\r\n::error::x\n  ...\n# \ud83d\ude00\ttab'
/** What of it is text. */
const PLAIN = '<b>&"]]>'

/** Runs scenarios of which one passes, one fails and one is not played, all with a name and an output that need care. */
async function reported(reporters: readonly string[], directory: TempDirectory, more: readonly string[] = []) {
  const files = ['1 good', '2 bad, # <&>', '3 left'].map((name) =>
    directory.write(
      `${name}.yaml`,
      `name: own\nrules: [{ when: { command: NOOP }, optional: ${!/bad/.test(name)}, then: { delay: 1ms } }]\n`,
    ),
  )
  const script = `process.stdout.write(${JSON.stringify(NASTY)})`
  const flags = reporters.flatMap((reporter) => ['--reporter', reporter])
  const cli = new RunningCli(['run', '--bail', ...flags, ...more, ...files, '--', process.execPath, '-e', script])
  const status = await cli.status()
  return { status, output: cli.output, errors: cli.errors, files }
}

test('json holds all there is to know', async () => {
  using directory = new TempDirectory()
  const { status, output, errors, files } = await reported(['json'], directory)
  expect(status).toBe(1)
  const report = JSON.parse(output) as { readonly startedAt: string }
  const [good, bad, left] = files
  const missed = 'rules[0]: (delay) never applied: no NOOP came.'
  const common = { ending: { is: 'exited', status: 0 }, output: NASTY, durationMs: expect.any(Number) }
  expect(report).toEqual({
    passed: false,
    interrupted: false,
    command: [process.execPath, '-e', expect.any(String)],
    startedAt: expect.any(String),
    durationMs: expect.any(Number),
    results: [
      { scenario: good, passed: true, missed: [], dialogue: '', ...common },
      { scenario: bad, passed: false, missed: [missed], dialogue: '(nothing)\n', ...common },
    ],
    notPlayed: [left],
  })
  expect(Date.now() - Date.parse(report.startedAt)).toBeLessThan(60_000)
  // The rest is for people, and goes another way.
  expect(errors).toMatch(/^✓ .*1 good\.yaml {2}\d+/)
  expect(errors).toMatch(/3 scenarios, 1 passed, 1 failed, 1 not played/)
})

const READ_XML = `
import json, sys, xml.etree.ElementTree as tree
def plain(node):
    return { 'tag': node.tag, 'attributes': node.attrib, 'text': (node.text or '').strip(), 'children': [plain(each) for each in node] }
print(json.dumps(plain(tree.parse(sys.argv[1]).getroot())))`

interface Xml {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
  readonly children: readonly Xml[]
}

describe('junit', () => {
  requireTool('python3')

  test('is XML that a parser reads, with the elements and attributes of the usual schema', async () => {
    using directory = new TempDirectory()
    const file = directory.at('report.xml')
    const { files, output } = await reported([`junit=${file}`], directory)
    expect(output).toContain('3 scenarios, 1 passed')
    const python = new Tool('python3', ['-c', READ_XML, file])
    python.end()
    const { stdout, stderr } = await python.finished
    expect(stderr).toBe('')
    const root = JSON.parse(stdout) as Xml
    const counts = { tests: '3', failures: '1', errors: '0', time: expect.stringMatching(/^\d+\.\d{3}$/) }
    expect(root).toMatchObject({ tag: 'testsuites', attributes: { name: 'ftp-fixture run', ...counts } })
    const [suite] = root.children
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
    expect(suite).toMatchObject({ tag: 'testsuite', attributes: { ...counts, skipped: '1', timestamp } })
    expect(Object.keys(root.attributes)).toEqual(['name', 'tests', 'failures', 'errors', 'time'])
    const cases = suite?.children ?? []
    expect(cases.map(({ attributes: { name } }) => name)).toEqual(files)
    expect(new Set(cases.map(({ tag, attributes }) => `${tag} ${Object.keys(attributes)}`))).toEqual(
      new Set(['testcase name,classname,time']),
    )
    expect(cases.map(({ children }) => children.map(({ tag }) => tag))).toEqual([
      ['system-out'],
      ['failure', 'system-out'],
      ['skipped'],
    ])
    const [failure, written] = cases[1]?.children ?? []
    expect(failure?.attributes).toEqual({
      message: 'rules[0]: (delay) never applied: no NOOP came.',
      type: 'exited',
    })
    expect(failure?.text).toContain('What happened was:\n(nothing)')
    expect(written?.text).toBe(`${PLAIN}\ufffd\ufffd ::error::50%\n::error::x\n  ...\n# \ud83d\ude00\ttab`)
  })
})

test('tap has a line for each scenario, and YAML that a reader takes', async () => {
  using directory = new TempDirectory()
  const { output, files } = await reported(['tap'], directory)
  const [version, plan] = output.split('\n')
  expect([version, plan]).toEqual(['TAP version 14', '1..3'])
  const points = [...output.matchAll(/^(ok|not ok) (\d) - (.*)\n(?: {2}---\n([\s\S]*?)\n {2}\.\.\.\n)?/gm)]
  const described = files.map((file) => file.replace('#', '\\#'))
  expect(points.map(([, result, number, text]) => [result, number, text])).toEqual([
    ['ok', '1', described[0]],
    ['not ok', '2', described[1]],
    ['ok', '3', `${described[2]} # SKIP not played`],
  ])
  // Nothing else is there: what a command writes cannot be taken for a result.
  const rest = output.replace(/^ {2}---\n[\s\S]*?\n {2}\.\.\.\n/gm, '').split('\n')
  expect(rest).toHaveLength(6)
  const yaml = parse(points[1]?.[4] ?? '') as Readonly<Record<string, unknown>>
  expect(yaml).toMatchObject({
    message: 'rules[0]: (delay) never applied: no NOOP came.',
    severity: 'fail',
    missed: ['rules[0]: (delay) never applied: no NOOP came.'],
    command: 'exit status 0',
    output: `${PLAIN}\\x00\\x07 ::error::50%\n::error::x\n  ...\n# \ud83d\ude00\\x09tab`,
  })
})

test('github has a workflow command on each failure, on one line', async () => {
  using directory = new TempDirectory()
  const { output, errors, files } = await reported(['github'], directory)
  const file = files[1]?.replace(',', '%2C')
  expect(output).toBe(
    `::error file=${file},title=ftp-fixture%3A ${file}::rules[0]: (delay) never applied: no NOOP came.%0A%0A(nothing)%0A\n`,
  )
  // What a command wrote must not be taken for one, where all of it is in one log.
  expect(errors).not.toMatch(/^\s*::/m)
})

test('several write files, and what is for people goes to standard output', async () => {
  using directory = new TempDirectory()
  const names = ['pretty', 'json', 'junit', 'tap', 'github']
  const { output, errors } = await reported(
    names.map((name) => `${name}=${directory.at(name)}`),
    directory,
  )
  expect(errors).toBe('')
  expect(output).toMatch(/3 scenarios, 1 passed, 1 failed, 1 not played/)
  expect(directory.read('pretty')).toMatch(/^✓ [\s\S]*✗ [\s\S]*3 scenarios, 1 passed, 1 failed, 1 not played/)
  expect(JSON.parse(directory.read('json'))).toMatchObject({ passed: false })
  expect(directory.read('junit')).toMatch(/^<\?xml/)
  expect(directory.read('tap')).toMatch(/^TAP version 14\n/)
  expect(directory.read('github')).toMatch(/^::error /)
})

test('one that is interrupted bails out in TAP', async () => {
  using directory = new TempDirectory()
  const cli = new RunningCli([
    'run',
    'slow-commands',
    '--reporter',
    'tap',
    '--',
    'sh',
    '-c',
    'touch "$0"; sleep 300',
    directory.at('on'),
  ])
  await vi.waitUntil(() => existsSync(directory.at('on')), { timeout: 20_000 })
  expect(await cli.stop()).toBe(130)
  expect(cli.output).toBe('TAP version 14\n1..1\nok 1 - slow-commands # SKIP not played\nBail out! interrupted\n')
})

test.each([
  [['json', 'tap'], '--reporter json and --reporter tap both write to standard output; name a file: tap=FILE'],
  [
    ['pretty', 'github'],
    '--reporter pretty and --reporter github both write to standard output; name a file: github=FILE',
  ],
  [['json=x', 'tap=x'], '--reporter json and --reporter tap both write to "x"; name a file: tap=FILE'],
  [['json=x', 'tap=./y/../x'], '--reporter json and --reporter tap both write to "./y/../x"; name a file: tap=FILE'],
  [['xml'], `--reporter: expected 'pretty' or 'json' or 'junit' or 'tap' or 'github', found "xml"`],
  [['json='], '--reporter json= needs the name of a file'],
  [
    ['json=/nowhere/x'],
    `--reporter json: cannot write "/nowhere/x": ENOENT: no such file or directory, open '/nowhere/x'`,
  ],
])('a mistake: %j', async (reporters, message) => {
  const flags = reporters.flatMap((reporter) => ['--reporter', reporter])
  const cli = new RunningCli(['run', ...flags, 'slow-commands', '--', 'true'])
  expect(await cli.status()).toBe(2)
  expect(cli.errors).toBe(`ftp-fixture: ${message}\n`)
})

test('what ends a run is in its reports, beside what was played before', async () => {
  using directory = new TempDirectory()
  const good = directory.write('1.yaml', 'name: good\n')
  const bad = directory.write('2.yaml', 'name: bad\noptions: { certfile: /nowhere/cert.pem }\n')
  const names = ['json', 'junit', 'tap', 'github', 'pretty']
  const flags = names.flatMap((name) => ['--reporter', `${name}=${directory.at(name)}`])
  const cli = new RunningCli(['run', ...flags, good, bad, '--', 'true'])
  expect(await cli.status()).toBe(2)
  expect(cli.errors).toMatch(/^ftp-fixture: .*nowhere.*\n$/)
  const message = expect.stringContaining('/nowhere/cert.pem')
  expect(JSON.parse(directory.read('json'))).toMatchObject({
    passed: false,
    error: message,
    results: [{ scenario: good, passed: true }],
    notPlayed: [bad],
  })
  expect(directory.read('junit')).toMatch(/tests="3" failures="0" errors="1"[\s\S]*<error message=".*nowhere/)
  expect(directory.read('tap')).toMatch(/^ok 2 .*SKIP not played\nBail out! .*nowhere/m)
  expect(directory.read('github')).toMatch(/^::error title=ftp-fixture run::.*nowhere.*\n$/)
  expect(directory.read('pretty')).toMatch(/ {2}not played\n[\s\S]*1 not played.*\n.*nowhere/)
})

test('for people, no line of a command begins as one, and where there is no colour there is none', async () => {
  using directory = new TempDirectory()
  const file = directory.write('1.yaml', 'name: own\n')
  const write = `process.stdout.write('one\\r::error::two\\n\\x1b[31mred\\x1b[2J'); process.exit(1)`
  const args = ['run', file, '--', process.execPath, '-e', write]
  const plain = new RunningCli(args)
  await plain.status()
  expect(plain.output).toContain('    | one\n    | ::error::two\n    | red\n')
  const coloured = new RunningCli(args, { FORCE_COLOR: '1' })
  await coloured.status()
  expect(coloured.output).toContain('    | \x1b[31mred')
})
