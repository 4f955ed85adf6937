import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadRule, loadScenario } from '../../src/scenario/load.ts'
import { defineScenario, FtpFixtureError, type Scenario, ScenarioError, scenarioNames } from '../../src/scenario.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'ftp-fixture-load-'))
afterAll(() => rmSync(directory, { recursive: true }))

function write(name: string, content: string | object): string {
  const file = path.join(directory, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : stringify(content))
  return file
}

const said = (given: string | URL | Scenario) => {
  try {
    loadScenario(given)
  } catch (error) {
    return error as ScenarioError
  }
  throw new Error('it was taken')
}

const whole: Scenario = {
  name: 'whole',
  description: 'All there is.',
  source: ['https://example.org'],
  seed: 7,
  options: { timeout: '5s', passivePorts: { from: 5000, to: 5010 } },
  users: [{ username: 'alice', password: 'x', perm: 'elr', home: 'alice' }],
  files: { '/a.txt': 'a\n', '/b.bin': { size: '4KiB', seed: 2 }, '/c': { link: 'a.txt' } },
  rules: [
    {
      name: 'first',
      when: { command: ['RETR', 'retr'], path: '/*.bin' },
      skip: 1,
      times: 2,
      per: 'session',
      then: { cut: { after: '50%', with: 'rst' } },
    },
    { when: { phase: 'data-byte', at: '1KiB' }, chance: 0.5, seed: 3, optional: true, then: [{ delay: '5s' }] },
  ],
}

test('YAML, JSON and code make the same of a scenario', () => {
  const { place: _place, ...fromCode } = loadScenario(whole)
  const { place: _yaml, ...fromYaml } = loadScenario(write('whole.yaml', whole))
  const { place: _json, ...fromJson } = loadScenario(write('whole.json', JSON.stringify(whole, null, '\t')))
  expect(fromYaml).toEqual(fromCode)
  expect(fromJson).toEqual(fromCode)
  expect(fromCode.rules[0]?.then).toEqual([{ cut: { after: { percent: 50 }, with: 'rst' } }])
})

test('a file is found by its path, absolute or from the current directory, and by its URL', () => {
  const file = write('found.yml', 'rules: []\n')
  for (const given of [file, path.relative(process.cwd(), file), pathToFileURL(file), pathToFileURL(file).href]) {
    expect(loadScenario(given).name).toBe('found')
  }
})

test('a built-in scenario is found by its name', () => {
  expect(loadScenario('abort-download-midway')).toMatchObject({ name: 'abort-download-midway', rules: [{ times: 1 }] })
  expect(scenarioNames()).toContain('abort-download-midway')
})

test.each(scenarioNames())('the built-in scenario %s is one, and has the name of its file', (name) => {
  expect(loadScenario(name).name).toBe(name)
})

test('what is nowhere', () => {
  const unknown = said('abort-downlod-midway')
  expect(unknown).toBeInstanceOf(FtpFixtureError)
  expect(unknown.code).toBe('ERR_SCENARIO_UNKNOWN')
  expect(unknown.message).toContain('did you mean "abort-download-midway"?')
  expect(said('abort-upload').message).toContain('did you mean "abort-upload-midway"?')
  expect(said('nothing like any').message).toContain('"ftp-fixture scenarios" lists them')
  const reasons: [string | URL, string][] = [
    [
      'nowhere/x.yaml',
      `${path.join('nowhere', 'x.yaml')}: cannot be read as a scenario: there is no such file (${path.resolve('nowhere/x.yaml')})`,
    ],
    [directory, `${directory}: cannot be read as a scenario: it is a directory`],
    ['http://example.org/x.yaml', 'http://example.org/x.yaml: expected the URL of a file'],
    [new URL('http://example.org/x'), 'http://example.org/x: expected the URL of a file'],
    ['file:///nowhere.yaml', '/nowhere.yaml: cannot be read as a scenario: there is no such file'],
    ['/dev/null.yaml/x', '/dev/null.yaml/x: cannot be read as a scenario: there is no such file'],
  ]
  for (const [given, message] of reasons) {
    expect(said(given)).toBeInstanceOf(ScenarioError)
    expect(said(given).message).toBe(message)
  }
})

test('what cannot be read', () => {
  const latin1 = path.join(directory, 'latin1.yaml')
  writeFileSync(latin1, Buffer.from('description: caf\xe9\n', 'latin1'))
  expect(said(latin1).message).toContain('it is not in UTF-8')
  expect(said(write('huge.yaml', `description: ${'x'.repeat(1024 * 1024)}`)).message).toContain(
    'it is larger than 1 MiB',
  )
  const most = write('most.yaml', `description: ${'x'.repeat(1024 * 1024 - 'description: '.length)}`)
  expect(loadScenario(most).name).toBe('most')
  expect(said(path.join(most, 'x.yaml')).message).toContain('there is no such file')
  expect(said('/dev/zero').message).toContain('it is no regular file')
  expect(said('a\0/b').message).toContain('cannot be read as a scenario')
})

test.skipIf(process.getuid?.() === 0)('what may not be read', () => {
  const locked = write('locked.yaml', 'rules: []\n')
  chmodSync(locked, 0)
  expect(said(locked).message).toContain('it may not be read')
})

test('what is no scenario at all', () => {
  const pending = Promise.resolve({ rules: [] })
  for (const given of [5, null, undefined, [], true, new Map(), new Date(), () => ({}), pending]) {
    expect(said(given as unknown as Scenario).message).toMatch(/^scenario: expected an object, found/)
  }
})

test('a value is called by its name, and its places are paths', () => {
  const bad = { name: 'x', rules: [{ then: { cut: { after: '4k' } } }] } as unknown as Scenario
  expect(said(bad).message).toMatch(
    /^scenario 'x': rules\[0\]\.then\.cut\.after: expected whole bytes ≥ 0, .*found "4k"$/,
  )
  expect(() => loadRule({ then: { dealy: 5 } } as never)).toThrow(
    'rule: then.dealy: unknown key; did you mean "delay"?',
  )
  expect(() => loadRule({ name: 'y', when: { command: 'RERT' }, then: { delay: 5 } })).toThrow(
    'rule \'y\': when.command: there is no command "RERT"; did you mean "RETR"?',
  )
})

test('faults stay in the order they were written in', () => {
  const { rules } = loadScenario(
    write(
      'order.yaml',
      'rules:\n  - then: { reply: 550 No., delay: 5s }\n  - then: { delay: 5s, reply: 550 No. }\n  - then: [{ reply: 550 No., delay: 1s }, { delay: 2s }]\n',
    ),
  )
  expect(rules.map(({ then }) => then.map((group) => Object.keys(group)))).toEqual([
    [['reply', 'delay']],
    [['delay', 'reply']],
    [['reply', 'delay'], ['delay']],
  ])
})

test('code may have functions; what is undefined is not there', () => {
  const call = () => {}
  const { rules, options } = loadScenario({
    options: { timeout: undefined, banner: () => 'hi' } as never,
    rules: [{ then: call }, { then: { delay: undefined, run: call } as never }],
  })
  expect(rules.map(({ then }) => then)).toEqual([[{ run: call }], [{ run: call }]])
  expect(Object.keys(options)).toEqual(['banner'])
  expect(() => loadScenario({ rules: [{ then: { delay: undefined } as never }] })).toThrow(
    'expected at least one fault',
  )
  expect(said(write('run.yaml', 'rules: [{ then: { run: x } }]')).message).toContain('rules[0].then.run: unknown key')
})

test('a command that the server alone has is none that is misspelt', () => {
  const rule = { when: { command: 'STAR' }, then: { delay: 5 } } as const
  expect(() => loadRule(rule)).toThrow('did you mean "STOR"?')
  expect(loadRule(rule, { verbs: ['STAR'] }).when.command).toBe('STAR')
  for (const command of ['PRET', 'XMD5', 'SITE', 'SITE UTIME', 'UTIME', 'FOO', 'X', 'MODE', 'retr', 'Site Chmod']) {
    expect(() => loadRule({ when: { command }, then: { delay: 5 } })).not.toThrow()
  }
})

test('skip and times are each enough to be counted per session', () => {
  for (const counts of [{ skip: 1 }, { times: 1 }]) {
    expect(() => loadRule({ per: 'session', ...counts, then: { delay: 5 } })).not.toThrow()
  }
})

test('faults that are never done to one command', () => {
  const rule = { then: { cut: { after: 5 }, accept: 'never' } } as unknown as Parameters<typeof loadRule>[0]
  expect(() => loadRule(rule)).toThrow(
    'rule: then: cut and accept are never done to one command: give each a rule of its own',
  )
})

test('a scenario extends others', () => {
  write('base/one.yaml', {
    name: 'one',
    description: 'One.',
    source: 'https://example.org/one',
    seed: 3,
    options: { timeout: '5s', banner: 'one' },
    users: [{ username: 'one', password: '1' }],
    files: { '/a': '1', '/b': '1' },
    rules: [
      { times: 1, then: { delay: 5 } },
      { name: 'named', times: 2, then: { delay: 5 } },
    ],
    expect: { sessions: 1, quit: true },
  })
  write('base/two.yaml', {
    extends: 'one.yaml',
    options: { banner: 'two' },
    files: { b: '2' },
    rules: [{ times: 3, then: { delay: 5 } }],
  })
  const file = write('top.yaml', {
    extends: ['./base/two.yaml', 'base/one.yaml'],
    users: [{ username: 'top', password: '2' }],
    rules: [{ times: 4, then: { delay: 5 } }],
    expect: { quit: false },
  })
  const { name, description, source, seed, options, users, files, rules, expect: expected } = loadScenario(file)
  expect({ name, description, source, seed }).toEqual({
    name: 'top',
    description: undefined,
    source: undefined,
    seed: 3,
  })
  expect(options).toEqual({ timeout: '5s', banner: 'two' })
  expect(users).toEqual([{ username: 'top', password: '2' }])
  expect(files).toEqual([{ '/a': '1', '/b': '1' }, { b: '2' }])
  expect(rules.map((rule) => [rule.name, rule.times])).toEqual([
    ['one: rules[0]', 1],
    ['named', 2],
    ['two: rules[0]', 3],
    ['rules[0]', 4],
  ])
  expect(expected).toMatchObject({ quit: false, sessions: { min: 1, max: 1 } })
})

test('a scenario extends a built-in one', () => {
  const { description, source } = loadScenario('abort-download-midway')
  expect(description).toMatch(/^\w/)
  expect(loadScenario({ description: 'D.', source: 'S' })).toMatchObject({ description: 'D.', source: 'S' })
  expect([source].flat().length).toBeGreaterThan(0)
  const { rules } = loadScenario({ extends: 'abort-download-midway', rules: [{ then: { delay: 5 } }] })
  expect(rules.map((rule) => rule.name)).toEqual(['abort-download-midway: rules[0]', 'rules[0]'])
})

test('theme and outcome are those of what is extended, unless it says otherwise; the outcome may be either', () => {
  expect(loadScenario({ extends: 'certificate-expired' })).toMatchObject({ theme: 'TLS', outcome: 'failure' })
  const own = { extends: 'certificate-expired', theme: 'my theme', outcome: 'success' } as const
  expect(loadScenario(own)).toMatchObject({ theme: 'my theme', outcome: 'success' })
  expect(loadScenario({})).toMatchObject({ outcome: 'either' })
  expect(loadScenario({})).not.toHaveProperty('theme')
})

test('a circle is told by the names in it', () => {
  write('circle/a.yaml', 'extends: ./b.yaml\n')
  write('circle/b.yaml', 'name: b\nextends: c.yaml\n')
  write('circle/c.yaml', 'extends:\n  - a.yaml\n')
  const start = write('circle/start.yaml', 'extends: a.yaml\n')
  expect(said(start)).toMatchObject({
    place: { file: expect.stringContaining('c.yaml') as string, line: 2, column: 5, path: 'extends[0]' },
  })
  expect(said(start).message).toMatch(/: leads back to itself: a → b → c → a$/)
})

test('a mistake in what is extended is told where it is', () => {
  write('wrong/base.yaml', 'name: base\nrules: 5\n')
  const file = write('wrong/top.yaml', 'extends: base.yaml\n')
  expect(said(file).message).toContain(`${path.join('wrong', 'base.yaml')}:2:8: rules: expected a list, found 5`)
})

test('files that a scenario names are relative to its own', () => {
  const file = write('inner/x.yaml', { files: './tree', options: { certfile: 'c.pem' } })
  const { files, options } = loadScenario(file)
  expect(files).toEqual([path.join(directory, 'inner/tree')])
  expect(options).toEqual({ certfile: path.join(directory, 'inner/c.pem') })
  expect(loadScenario(write('inner/y.yaml', 'files: basic\n')).files).toEqual(['basic'])
})

test('a word is a world, and whatever has a slash or is all dots a directory', () => {
  for (const [files, expected] of [
    ['.', 'inner'],
    ['..', ''],
    ['../tree', 'tree'],
    ['tree/', 'inner/tree'],
  ] as const) {
    const loaded = loadScenario(write('inner/z.yaml', { files, options: { keyfile: 'k.pem' } }))
    expect(loaded.files).toEqual([path.join(directory, expected)])
    expect(loaded.options).toEqual({ keyfile: path.join(directory, 'inner/k.pem') })
  }
  for (const world of ['a.b', '.a', 'a.']) {
    expect(loadScenario(write('inner/w.yaml', { files: world })).files).toEqual([world])
  }
})

test('defineScenario checks at once, and gives back what it was given', () => {
  const scenario = { rules: [{ then: { delay: '5s' } }] } as const
  expect(defineScenario(scenario)).toBe(scenario)
  expect(() => defineScenario({ name: 'x', rules: [{ then: {} }] })).toThrow(
    "scenario 'x': rules[0].then: expected at least one fault, found {}",
  )
})
