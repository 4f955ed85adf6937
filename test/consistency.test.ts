import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PHASES } from '../src/faults/phases.ts'
import { faults } from '../src/faults/table.ts'
import { EVENT_TYPES } from '../src/handlers/events.ts'
import { worldNames } from '../src/index.ts'
import * as server from '../src/server.ts'
import { serverChecks } from '../src/servers/options.ts'
import { version } from '../src/servers/version.ts'

const { AbstractedFS, commands, DummyAuthorizer, FTPHandler, FTPServer, IOLoop, ThrottledDTPHandler, UnixAuthorizer } =
  server

const root = fileURLToPath(new URL('..', import.meta.url))
const src = path.join(root, 'src')
const sources = readdirSync(src, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts'))
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const readme = read('README.md')

/** Top to bottom; what stands on one line may not import from another line above it. */
const HOUSE = [
  ['index', 'server', 'scenario.ts', 'matchers.ts'],
  ['cli', 'vitest', 'jest'],
  ['harness', 'matchers'],
  ['control-api'],
  ['fixture'],
  ['scenario'],
  ['faults'],
  ['servers'],
  ['handlers'],
  ['commands'],
  ['authorizers', 'filesystems', 'certificates'],
  ['ioloop'],
  ['protocol'],
  ['options', 'native'],
]

test('imports go one way, down the house', () => {
  const floor = (file: string) =>
    HOUSE.findIndex((rooms) => rooms.includes(file.split(path.sep)[0]?.replace('.ts', '') ?? ''))
  const upward: string[] = []
  for (const file of sources) {
    const text = read(path.join('src', file))
    for (const [, clause = '', target = ''] of text.matchAll(/^(?:import|export) ([^']*) from '(\.[^']*)'/gm)) {
      const imported = path.relative(src, path.resolve(src, path.dirname(file), target))
      const onlyTypes = clause.startsWith('type ')
      expect(floor(imported), `${file} imports ${target}`).toBeGreaterThanOrEqual(0)
      if (!onlyTypes && floor(imported) < floor(file)) upward.push(`${file} -> ${imported}`)
    }
  }
  expect(upward).toEqual([])
})

test('only the clock knows the machine’s timers', () => {
  const others = sources.filter((file) => file !== path.join('ioloop', 'clock.ts') && !file.startsWith('cli'))
  const pattern = /\b(setTimeout|setInterval|setImmediate|Date\.now|performance\.now)\b/
  expect(others.filter((file) => pattern.test(read(path.join('src', file))))).toEqual([])
})

test('no file is longer than 300 lines', () => {
  expect(sources.filter((file) => read(path.join('src', file)).split('\n').length > 301)).toEqual([])
})

test('no verb is named outside the command table', () => {
  const verbs = Object.keys(commands).flatMap((verb) => verb.split(' '))
  const quoted = new RegExp(`'(${verbs.join('|')})'`)
  const naming = ['handlers', 'servers', 'ioloop'].flatMap((room) =>
    sources.filter((file) => file.startsWith(room) && quoted.test(read(path.join('src', file)))),
  )
  expect(naming).toEqual([])
})

test('the version is that of package.json', () => {
  expect(version).toBe((JSON.parse(read('package.json')) as { version: string }).version)
})

test('the README names every option of the fixture, and no other', () => {
  const own = [
    'host',
    'port',
    'files',
    'root',
    'users',
    'anonymous',
    'authorizer',
    'handler',
    'abstractedFs',
    'dtpHandler',
    'tls',
    'clock',
    'onEvent',
    'log',
    'scenario',
  ]
  const table = /### Options of `startFtpServer`([\s\S]*?)\n### /.exec(readme)?.[1] ?? ''
  const named = [...table.matchAll(/^\| `(\w+)`\s*\|/gm)].map(([, name]) => name)
  expect(named.sort()).toEqual([...own, ...Object.keys(serverChecks)].sort())
})

test('the README names every fault, with what it does, and no other', () => {
  const section = /### Scenarios and rules([\s\S]*?)\n### /.exec(readme)?.[1] ?? ''
  const rows = [...section.matchAll(/^\| `(\w+)` +\|.*?\|\s*(.*?)\s*\|$/gm)].map(([, name, does]) => [name, does])
  const named = rows.filter(([name = '']) => name in faults)
  const plain = (text: string) => text.replaceAll('`', '')
  expect(named.map(([name, does = '']) => [name, plain(does)]).sort()).toEqual(
    Object.values(faults)
      .map(({ name, does }) => [name, plain(does)])
      .sort(),
  )
})

test('the README names every phase', () => {
  const section = /### Scenarios and rules([\s\S]*?)\n### /.exec(readme)?.[1] ?? ''
  for (const phase of PHASES) expect(section).toContain(`\`${phase}\``)
})

test('the README names every error code, and no other', () => {
  const union = [...read('src/options/error.ts').matchAll(/'(ERR_\w+)'/g)].map(([, code]) => code)
  const named = [...readme.matchAll(/^\| `(ERR_\w+)`/gm)].map(([, code]) => code)
  expect(named.sort()).toEqual(union.sort())
})

test('the README names every command and every world', () => {
  const section = /### Commands\n([\s\S]*?)\n### /.exec(readme)?.[1] ?? ''
  for (const verb of Object.keys(commands)) expect(section, verb).toMatch(new RegExp(`\\b${verb}\\b`))
  for (const world of worldNames()) expect(readme).toContain(`\`${world}\``)
})

const reference = /### Classes of `ftp-fixture\/server`([\s\S]*?)\n### Errors/.exec(readme)?.[1] ?? ''
const tests = readdirSync(path.join(root, 'test'), { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.test.ts') && file !== 'consistency.test.ts')
  .map((file) => read(path.join('test', file)))

/** What the parts of a server say to each other: public in TypeScript, but nothing for its users. */
const INNER = new Set([
  ...['constructor', 'dataConnections', 'takeDataConnection', 'freeDataConnection', 'emit', 'tell', 'workFor'],
  ...['checkPrefork', 'serve', 'freeControl', 'drained', 'disconnected', 'adopt', 'open'],
  ...['settled', 'handle', 'protectionMissing', 'report', 'checkPassword', 'begin', 'greet'],
])

/** Methods and accessors of a class, as its users see them. */
function membersOf(aClass: { readonly prototype: object }): string[] {
  return Object.getOwnPropertyNames(aClass.prototype).filter((name) => !INNER.has(name))
}

const documented = { FTPServer, FTPHandler, DummyAuthorizer, UnixAuthorizer, AbstractedFS, IOLoop, ThrottledDTPHandler }

test.each(Object.entries(documented))('the README names every method of %s', (_name, aClass) => {
  const missing = membersOf(aClass).filter((member) => !new RegExp(`\\b${member}\\b`).test(reference))
  expect(missing).toEqual([])
})

test('the README names every class that ftp-fixture/server has, and each name in its reference is one of code and of a test', () => {
  const classes = Object.entries(server).filter(
    ([, value]) => typeof value === 'function' && /^class\b/.test(String(value)),
  )
  for (const [name] of classes) expect(readme, name).toContain(`\`${name}`)
  const cells = [...reference.matchAll(/^\| ([^|]*)\|/gm)].map(([, cell = '']) => cell)
  const names = cells.flatMap((cell) => [...cell.matchAll(/`(?:new |static )?([\w-]+)/g)].map(([, name = '']) => name))
  expect(names.length).toBeGreaterThan(80)
  const code = sources.map((file) => read(path.join('src', file))).join('\n')
  for (const name of names) {
    expect(code, `${name} in the code`).toMatch(new RegExp(`\\b${name}\\b`))
    expect(
      tests.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
      `${name} in a test`,
    ).toBe(true)
  }
})

test('the README names every type of event', () => {
  const section = /### Events\n([\s\S]*?)\n### /.exec(readme)?.[1] ?? ''
  const named = [...section.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name)
  expect(named.sort()).toEqual([...EVENT_TYPES].sort())
})
