import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { worldNames } from '../src/index.ts'
import { commands } from '../src/server.ts'
import { serverChecks } from '../src/servers/options.ts'
import { version } from '../src/servers/version.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const src = path.join(root, 'src')
const sources = readdirSync(src, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts'))
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const readme = read('README.md')

/** Top to bottom; what stands on one line may not import from another line above it. */
const HOUSE = [
  ['index', 'server'],
  ['cli'],
  ['fixture'],
  ['servers'],
  ['handlers'],
  ['commands'],
  ['authorizers', 'filesystems'],
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
    'clock',
    'onEvent',
  ]
  const table = /### Options of `startFtpServer`([\s\S]*?)\n### /.exec(readme)?.[1] ?? ''
  const named = [...table.matchAll(/^\| `(\w+)`\s*\|/gm)].map(([, name]) => name)
  expect(named.sort()).toEqual([...own, ...Object.keys(serverChecks)].sort())
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
