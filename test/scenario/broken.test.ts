import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadScenario } from '../../src/scenario/load.ts'
import { ScenarioError } from '../../src/scenario.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'ftp-fixture-broken-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** What is said of a broken file, without the directory that it is in. */
function said(text: string, name = 'x.yaml'): string {
  const file = path.join(directory, name)
  writeFileSync(file, text)
  try {
    loadScenario(file)
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError)
    return (error as Error).message.replaceAll(`${directory}${path.sep}`, '')
  }
  throw new Error('it was taken')
}

const DURATION = "milliseconds from 0 to 24 days, or a string such as '250ms', '5s', '2m' or '1h'"
const TOP =
  'allowed here: $schema, description, expect, extends, files, name, options, outcome, rules, seed, source, theme, users'

/** A rule in a line: `{…}` of `then` begins at column 17. */
const does = (then: string) => `rules: [{ then: ${then} }]`
/** The value of `when` begins at column 17. */
const when = (condition: string, then = '{ delay: 5s }') => `rules: [{ when: ${condition}, then: ${then} }]`

test.each<[text: string, message: string | RegExp]>([
  // What is no YAML.
  ['', 'x.yaml: is empty; expected a scenario'],
  ['# only a comment\n', 'x.yaml: is empty; expected a scenario'],
  ['rules: []\n---\nname: b\n', 'x.yaml:2:1: a second document begins here; a file holds one scenario'],
  ['name: a\nname: b\n', 'x.yaml:2:1: this key is there already'],
  [`name: &a x\nsource:\n${'  - *a\n'.repeat(101)}`, 'x.yaml:103:5: expected at most 100 aliases'],
  ['rules:\n\t- then: {}\n', 'x.yaml:2:1: a tab; YAML is indented by spaces'],
  ['name: "x\n', 'x.yaml:2:1: no YAML: Missing closing "quote'],
  ['? [a]\n: 1\n', 'x.yaml:1:3: a key has to be text'],
  ['name: *x\n', 'x.yaml:1:7: there is no anchor "x" before this alias; text that begins with * needs quotes'],
  ['name: !secret x\n', 'x.yaml:1:7: no YAML: Unresolved tag: !secret'],
  [`name: ${'['.repeat(5000)}`, 'x.yaml:1:'],
  [
    `a: &a [x, x]\n${[...'bcdefghij'].map((key, index) => `${key}: &${key} [${`*${'abcdefghij'[index]}, `.repeat(9)}]\n`).join('')}`,
    'x.yaml:1:1: its aliases repeat too much',
  ],
  // What is no scenario.
  ['- 1\n', 'x.yaml:1:1: expected an object, found [ 1 ]'],
  ['hello\n', 'x.yaml:1:1: expected an object, found "hello"'],
  ['<<: { name: x }\n', `x.yaml:1:1: ["<<"]: unknown key; ${TOP}`],
  ['__proto__: 1\n', `x.yaml:1:1: __proto__: unknown key; ${TOP}`],
  ['rulse: []\n', 'x.yaml:1:1: rulse: unknown key; did you mean "rules"?'],
  ['name: x\nrules: {}\n', 'x.yaml:2:8: rules: expected a list, found {}'],
  ['rules:\n', 'x.yaml:1:7: rules: expected a list, found null'],
  ['name: a b\n', 'x.yaml:1:7: name: expected a name of letters, digits, -, _ and ., found "a b"'],
  ['name: 5\n', 'x.yaml:1:7: name: expected text, found 5'],
  ['source: &a [x, y]\nrules: *a\n', 'x.yaml:1:13: rules[0]: expected an object, found "x"'],
  [`name: ${'a b '.repeat(30)}\n`, /found "(a b ){24}a b…$/],
  ['theme: ""\n', 'x.yaml:1:8: theme: expected at least 1 character, found ""'],
  ['seed: 1.5\n', 'x.yaml:1:7: seed: expected a whole number, found 1.5'],
  // Options, users, files.
  ['options: { timeot: 5s }', 'x.yaml:1:12: options.timeot: unknown key; did you mean "timeout"?'],
  ['options: { timeout: 5x }', `x.yaml:1:21: options.timeout: expected ${DURATION}, found "5x"`],
  ['options: { tls: maybe }', 'x.yaml:1:17: options.tls: expected true or false, found "maybe"'],
  ['users: []', 'x.yaml:1:8: users: expected at least 1 entry, found []'],
  ['users:\n  - username: x\n', 'x.yaml:2:5: users[0].password: expected text, found nothing'],
  [
    'users: [{ username: x, password: y, perm: z }]',
    'x.yaml:1:43: users[0].perm: expected letters of "elradfmwMT", found "z"',
  ],
  ['files: 5', 'x.yaml:1:8: files: expected files by path, the name of a world, or a directory, found 5'],
  ['files: { /a b: { sise: 4 } }', 'x.yaml:1:18: files["/a b"].sise: unknown key; did you mean "size"?'],
  [
    'files: { a: { size: 4k } }',
    "x.yaml:1:21: files.a.size: expected whole bytes ≥ 0, or a string such as '512B', '64KiB' or '10MiB', found \"4k\"",
  ],
  // What happens.
  [
    'rules:\n  - times: 1\n',
    "x.yaml:2:5: rules[0].then: expected faults with their settings, such as { delay: '5s' }, found nothing",
  ],
  ['rules:\n  - tehn: { delay: 5s }\n', 'x.yaml:2:5: rules[0].tehn: unknown key; did you mean "then"?'],
  [
    does('cut'),
    'x.yaml:1:17: rules[0].then: expected faults with their settings, such as { delay: \'5s\' }, found "cut"',
  ],
  [does('{}'), 'x.yaml:1:17: rules[0].then: expected at least one fault, found {}'],
  [does('[]'), 'x.yaml:1:17: rules[0].then: expected at least 1 entry, found []'],
  [
    does('[delay]'),
    'x.yaml:1:18: rules[0].then[0]: expected faults with their settings, such as { delay: \'5s\' }, found "delay"',
  ],
  [does('{ dealy: 5s }'), 'x.yaml:1:19: rules[0].then.dealy: unknown key; did you mean "delay"?'],
  [does('{ delay: 5s, ctu: 1 }'), 'x.yaml:1:30: rules[0].then.ctu: unknown key; did you mean "cut"?'],
  [does('[{ delay: 5s }, { dealy: 5s }]'), 'x.yaml:1:35: rules[0].then[1].dealy: unknown key; did you mean "delay"?'],
  [
    'rules:\n  - when: { command: RETR }\n    then:\n      cut:\n        after: 4k\n',
    "x.yaml:5:16: rules[0].then.cut.after: expected whole bytes ≥ 0, or a string such as '32KiB' or '50%', found \"4k\"",
  ],
  [does('{ cut: { afer: 5 } }'), 'x.yaml:1:26: rules[0].then.cut.afer: unknown key; did you mean "after"?'],
  [
    does('{ cut: { after: 5, with: rsst } }'),
    'x.yaml:1:42: rules[0].then.cut.with: expected \'fin\' or \'rst\', found "rsst"; did you mean "rst"?',
  ],
  [does('{ delay: { fro: 5s } }'), 'x.yaml:1:28: rules[0].then.delay.fro: unknown key; did you mean "for"?'],
  [
    does('{ delay: { whatever: 5s } }'),
    'x.yaml:1:28: rules[0].then.delay.whatever: unknown key; allowed here: for, jitter, until',
  ],
  [does('{ reply: { rwa: x } }'), 'x.yaml:1:28: rules[0].then.reply.rwa: unknown key; did you mean "raw"?'],
  ['rules: [{ times: 0, then: { delay: 5s } }]', 'x.yaml:1:18: rules[0].times: expected a number ≥ 1, found 0'],
  [
    'rules: [{ times: allways, then: { delay: 5s } }]',
    'x.yaml:1:18: rules[0].times: expected a whole number, or \'always\', found "allways"; did you mean "always"?',
  ],
  ['rules: [{ skip: -1, then: { delay: 5s } }]', 'x.yaml:1:17: rules[0].skip: expected a number ≥ 0, found -1'],
  ['rules: [{ chance: 2, then: { delay: 5s } }]', 'x.yaml:1:19: rules[0].chance: expected a number ≤ 1, found 2'],
  [
    'rules: [{ per: session, then: { delay: 5s } }]',
    'x.yaml:1:11: rules[0].per: expected skip or times beside it, which it is about',
  ],
  // What faults say of their settings.
  [
    does('{ rewrite: { match: "(", with: x } }'),
    'x.yaml:1:37: rules[0].then.rewrite.match: expected a regular expression, found "(": unterminated group',
  ],
  [
    does('{ rewrite: { match: a, with: x, flags: ii } }'),
    'x.yaml:1:56: rules[0].then.rewrite.flags: expected letters of "gimsu", each at most once, found "ii"',
  ],
  [
    does('{ error: ENOSPACE }'),
    'x.yaml:1:26: rules[0].then.error: expected the name of an error of the system, such as \'ENOSPC\' or \'EACCES\', found "ENOSPACE"; did you mean "ENOSPC"?',
  ],
  ...['open', '"1"', '-1'].map((port): [string, string] => [
    does(`{ announce: { port: ${port} } }`),
    `x.yaml:1:37: rules[0].then.announce.port: expected a number, 'closed' for a port that nobody listens on, or a difference in quotes, such as '+1', found ${port === 'open' ? '"open"' : port}`,
  ]),
  // Of several forms, the one that was meant; where that cannot be known, what each begins with.
  [
    does('{ handshake: { on: data } }'),
    "x.yaml:1:30: rules[0].then.handshake: expected stall or cut in it, found { on: 'data' }",
  ],
  [does('{ connect: {} }'), 'x.yaml:1:28: rules[0].then.connect: expected after or from in it, found {}'],
  [
    does('{ handshake: { stall: 5s, cut: fin } }'),
    'x.yaml:1:43: rules[0].then.handshake.cut: cannot stand beside stall',
  ],
  [
    does('{ delay: { for: 5s, until: transfer-end } }'),
    'x.yaml:1:37: rules[0].then.delay.until: cannot stand beside for',
  ],
  [
    does('{ keepOpen: { for: 5s } }'),
    `x.yaml:1:29: rules[0].then.keepOpen: expected 'forever', or ${DURATION}, found { for: '5s' }`,
  ],
  // When.
  [when('{ command: RERT }'), 'x.yaml:1:28: rules[0].when.command: there is no command "RERT"; did you mean "RETR"?'],
  [
    when('{ command: [retr, stro] }'),
    'x.yaml:1:35: rules[0].when.command[1]: there is no command "STRO"; did you mean "STOR"?',
  ],
  [
    when('{ command: [RETR, NOOP] }', '{ cut: { after: 5 } }'),
    'x.yaml:1:35: rules[0].when.command[1]: cut is nothing for NOOP; expected LIST, NLST, MLSD, RETR, STOR, APPE, STOU',
  ],
  [
    when('{ verb: RETR }'),
    'x.yaml:1:19: rules[0].when.verb: unknown key; allowed here: after, argument, at, command, login, path, phase, session, type, unsaid, user',
  ],
  [when('{ at: 5 }'), "x.yaml:1:19: rules[0].when.at: expected the phase 'data-byte' beside it, found none"],
  [
    when('{ after: 5s, phase: final }'),
    "x.yaml:1:19: rules[0].when.after: expected the phase 'idle' beside it, found 'final'",
  ],
  [
    when('{ phase: idle }'),
    "x.yaml:1:26: rules[0].when.phase: the phase 'idle' needs to be told when: expected after: '5m' beside it",
  ],
  [
    when('{ phase: data-byte }'),
    "x.yaml:1:26: rules[0].when.phase: the phase 'data-byte' needs to be told when: expected at: '32KiB' beside it",
  ],
  [
    when('{ phase: final }', '{ cut: { after: 5 } }'),
    'x.yaml:1:26: rules[0].when.phase: cut has a moment of its own, and can be told none',
  ],
  [
    when('{ phase: final }', '{ cut: { after: 5 }, truncate: { after: 5 } }'),
    'x.yaml:1:26: rules[0].when.phase: cut and truncate has a moment of its own, and can be told none',
  ],
  [
    when('{ phase: final }', '{ reply: 550 No. }'),
    "x.yaml:1:26: rules[0].when.phase: expected 'after-read' or 'quit' or 'greeting', found \"final\", at which there is no reply",
  ],
  [
    when('{ phase: quit, command: RETR }'),
    "x.yaml:1:41: rules[0].when.command: the phase 'quit' is nothing for RETR; expected QUIT",
  ],
  [
    when('{ phase: greeting, command: RETR }'),
    "x.yaml:1:36: rules[0].when.command: there is no command at the phase 'greeting', so this never matches",
  ],
  [
    when('{ phase: greeting }', '{ delay: 5s, cut: { after: 5 } }'),
    "x.yaml:1:26: rules[0].when.phase: cut needs a command, and there is none at the phase 'greeting'",
  ],
  [
    when('{ phase: greeting }', '{ delay: 5s, requireResumption: close }'),
    "x.yaml:1:26: rules[0].when.phase: requireResumption needs a command, and there is none at the phase 'greeting'",
  ],
  [
    when('{ phase: data-end, command: PASV }'),
    "x.yaml:1:45: rules[0].when.command: the phase 'data-end' is nothing for PASV; expected LIST, NLST, MLSD, RETR, STOR, APPE, STOU",
  ],
  [when('{ path: "/[a" }'), 'x.yaml:1:25: rules[0].when.path: expected a glob, found "/[a": missing closing: "]"'],
  [when('{ path: "" }'), 'x.yaml:1:25: rules[0].when.path: expected a glob, found "": it is empty'],
  [
    when('{ path: "pub/*" }'),
    "x.yaml:1:25: rules[0].when.path: expected a glob for an absolute path, such as '/pub/*.bin' or '**/a.txt', found \"pub/*\"",
  ],
  ['rules: [{ chance: 0, then: { delay: 1 } }]', 'x.yaml:1:19: rules[0].chance: expected a number > 0, found 0'],
  ['rules: [{ chance: 2, then: { delay: 1 } }]', 'x.yaml:1:19: rules[0].chance: expected a number ≤ 1, found 2'],
  [does('{ cut: 5 }'), 'x.yaml:1:24: rules[0].then.cut: expected { after, with }, found 5'],
  [
    when('{ phase: finall }'),
    'x.yaml:1:26: rules[0].when.phase: expected one of: accept, tls-handshake, greeting, greeted, before-read, after-read, quit, data-listen, data-accept, data-tls, preliminary, data-byte, data-end, data-closed, final, replied, idle, found "finall"; did you mean "final"?',
  ],
  [when('{ session: 0 }'), 'x.yaml:1:28: rules[0].when.session: expected a number ≥ 1, found 0'],
  [when('{ type: B }'), "x.yaml:1:25: rules[0].when.type: expected 'A' or 'I', found \"B\""],
  // What is expected.
  [
    'expect: { commands: ["RETR [a"] }',
    'x.yaml:1:22: expect.commands[0]: expected a glob, found "RETR [a": missing closing: "]"',
  ],
  [
    'expect: { transfers: [{ path: "/[a" }] }',
    'x.yaml:1:31: expect.transfers[0].path: expected a glob, found "/[a": missing closing: "]"',
  ],
  [
    'expect: { commands: [RETR, rert] }',
    'x.yaml:1:28: expect.commands[1]: there is no command "rert"; did you mean "RETR"?',
  ],
  [
    'expect: { commands: { never: [RERT a*] } }',
    'x.yaml:1:31: expect.commands.never[0]: there is no command "RERT"; did you mean "RETR"?',
  ],
  [
    'expect: { commands: [{ exactly: [RERT] }] }',
    'x.yaml:1:34: expect.commands[0].exactly[0]: there is no command "RERT"; did you mean "RETR"?',
  ],
  [
    'expect: { transfers: [{ verb: RERT }] }',
    'x.yaml:1:31: expect.transfers[0].verb: there is no command "RERT"; did you mean "RETR"?',
  ],
  [
    'expect: { transfers: [{ times: { min: 3, max: 1 } }] }',
    'x.yaml:1:32: expect.transfers[0].times: expected a min that is not above max, found { min: 3, max: 1 }',
  ],
  ['expect: { sessions: {} }', 'x.yaml:1:21: expect.sessions: expected min or max in it, found {}'],
  ['expect: { commands: [{ never: [5] }] }', 'x.yaml:1:32: expect.commands[0].never[0]: expected text, found 5'],
  // Text without quotes.
  [when('{}', '{ reply: 550 Sorry: no such file. }'), /text with a colon and a space in it; it needs quotes/],
  [
    when('{}', '{ reply: 550 No such file, friend. }'),
    /then\["friend\."\]: unknown key; text with a comma in it needs quotes/,
  ],
  [
    'rules:\n  - then:\n      reply: 550 Sorry: no such file.\n',
    /text with a colon and a space in it; it needs quotes/,
  ],
  ['files: []', 'x.yaml:1:8: files: expected files by path, the name of a world, or a directory, found []'],
  // What is extended.
  ['extends: x.yaml', 'x.yaml:1:10: extends: leads back to itself: x → x'],
  ['extends: [./nope.yaml]', 'x.yaml:1:11: extends[0]: nope.yaml: cannot be read as a scenario: there is no such file'],
  [
    'extends: abort-download-midwy',
    'x.yaml:1:10: extends: no built-in scenario is named "abort-download-midwy"; did you mean "abort-download-midway"? (a file is named by a path with a / in it, or by its ending .yaml, .yml or .json)',
  ],
])('%j', (text, message) => {
  const found = said(text)
  if (message instanceof RegExp) expect(found).toMatch(message)
  else if (message.endsWith(':')) expect(found).toContain('nested too deep')
  else expect(found).toBe(message)
})

test.each<[text: string, message: string]>([
  ['{"rules": [{"then": {"dealy": 1}}]}', 'x.json:1:22: rules[0].then.dealy: unknown key; did you mean "delay"?'],
  [
    '{\n\t"rules": [\n\t\t{ "times": 0, "then": { "delay": 1 } }\n\t]\n}',
    'x.json:3:14: rules[0].times: expected a number ≥ 1, found 0',
  ],
  ['{"name": "a", "name": "b"}', 'x.json:1:15: this key is there already'],
  ['', 'x.json: is empty; expected a scenario'],
])('JSON: %j', (text, message) => {
  expect(said(text, 'x.json')).toBe(message)
})

test('all problems are there for programs, in the order of their places', () => {
  const file = path.join(directory, 'many.yaml')
  writeFileSync(
    file,
    'seed: x\nrules: [{ times: 0, then: { delay: soon } }, { when: { command: RERT }, then: { delay: 1 } }]\nname: 5\n',
  )
  let problems: ScenarioError['problems'] = []
  try {
    loadScenario(file)
  } catch (error) {
    problems = (error as ScenarioError).problems
  }
  expect(problems.map(({ place }) => [place.line, place.column, place.path])).toEqual([
    [1, 7, 'seed'],
    [2, 18, 'rules[0].times'],
    [2, 36, 'rules[0].then.delay'],
    [2, 65, 'rules[1].when.command'],
    [3, 7, 'name'],
  ])
})

test('the place is there for programs, too', () => {
  const file = path.join(directory, 'place.yaml')
  writeFileSync(file, 'name: x\nrules: 5\n')
  expect(() => loadScenario(file)).toThrow(
    expect.objectContaining({
      name: 'ScenarioError',
      code: 'ERR_SCENARIO_INVALID',
      place: { file, line: 2, column: 8, path: 'rules' },
    }) as Error,
  )
})
