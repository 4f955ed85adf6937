import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { scenarioJsonSchema, scenarioNames } from '../../src/scenario.ts'
import { serverChecks } from '../../src/servers/options.ts'
import { formatted } from '../support/formatted.ts'
import { namesSource } from './generated-names.ts'

const directory = new URL('../../scenarios/', import.meta.url)
const schema = scenarioJsonSchema()
const validate = new Ajv2020({ strictSchema: true, allowUnionTypes: true }).compile(schema)

// `npm run schema` writes it.
test('the published schema is that of the language', async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../scenarios/schema.json')
})

test('the names that editors complete are those that there are', async () => {
  const file = '../../src/scenario/names.ts'
  await expect(formatted(namesSource(), 'names.ts')).toMatchFileSnapshot(file)
})

test.each(scenarioNames())('the built-in scenario %s is valid, and says which schema it follows', (name) => {
  const text = readFileSync(new URL(`${name}.yaml`, directory), 'utf8')
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/)
  validate(parse(text))
  expect(validate.errors).toBeNull()
})

test('every file among the built-in ones is a scenario, or the schema', () => {
  const others = readdirSync(directory).filter((file) => !file.endsWith('.yaml') && !file.endsWith('.md'))
  expect(others).toEqual(['schema.json'])
})

const then = { delay: '5s' }

test.each<[string, unknown]>([
  ['a duration', { rules: [{ then: { delay: '1.5 s' } }] }],
  ['milliseconds', { rules: [{ then: { delay: 100 } }] }],
  ['a size', { rules: [{ then: { cut: { after: '4KiB' } } }] }],
  ['a share', { rules: [{ then: { cut: { after: '50%' } } }] }],
  ['a share with a blank', { rules: [{ then: { cut: { after: '50 %' } } }] }],
  ['a list of faults', { rules: [{ then: [{ delay: '5s' }, { reply: '550 No.' }] }] }],
  ['options', { options: { timeout: '5s', banner: 'hi', passivePorts: { from: 1, to: 2 }, tls: true } }],
  ['files', { files: { 'a.txt': 'a', 'b.bin': { size: '1MiB', seed: 1 }, 'c/': {} } }],
  ['a schema', { $schema: './schema.json' }],
])('takes %s', (_what, scenario) => {
  validate(scenario)
  expect(validate.errors).toBeNull()
})

test.each<[string, unknown]>([
  ['an unknown key', { rulse: [] }],
  ['a rule without then', { rules: [{}] }],
  ['an unknown fault', { rules: [{ then: { dealy: '5s' } }] }],
  ['an unknown key of a rule', { rules: [{ then, wen: {} }] }],
  ['an unknown key of when', { rules: [{ then, when: { verb: 'RETR' } }] }],
  ['an unknown setting', { rules: [{ then: { cut: { afer: 4 } } }] }],
  ['a missing setting', { rules: [{ then: { cut: {} } }] }],
  ['a wrong unit', { rules: [{ then: { delay: '5x' } }] }],
  ['a wrong size', { rules: [{ then: { cut: { after: '4k' } } }] }],
  ['a negative number', { rules: [{ then: { cut: { after: -1 } } }] }],
  ['an unknown phase', { rules: [{ when: { phase: 'later' }, then }] }],
  ['an unknown ending', { rules: [{ then: { cut: { after: 1, with: 'bang' } } }] }],
  ['times: 0', { rules: [{ times: 0, then }] }],
  ['no rules in a list', { rules: {} }],
  ['an unknown option', { options: { timeot: 5 } }],
  ['an option of another type', { options: { useGmtTimes: 'yes' } }],
  ['an option for code', { options: { sslContext: {} } }],
  ['code', { rules: [{ then: { run: 'x' } }] }],
  ['a user without a password', { users: [{ username: 'x' }] }],
  ['an unknown detail of a file', { files: { a: { sise: 1 } } }],
])('refuses %s', (_what, scenario) => {
  expect(validate(scenario)).toBe(false)
})

test('every option is described, but those for code', () => {
  const { options } = schema.properties as { readonly options: { readonly properties: object } }
  const names = [...Object.keys(serverChecks), 'tls'].filter((name) => name !== 'sslContext')
  expect(Object.keys(options.properties).sort()).toEqual(names.sort())
})

test('an editor completes the verbs', () => {
  const { Verb } = schema.$defs as { readonly Verb: { readonly examples: readonly string[] } }
  expect(Verb.examples).toEqual(expect.arrayContaining(['RETR', 'SITE CHMOD', 'AUTH']))
})

test('every property has a description, and nothing is open', () => {
  const found: string[] = []
  const walk = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return
    const { properties } = node as { readonly properties?: Record<string, { readonly description?: string }> }
    for (const [name, property] of Object.entries(properties ?? {})) {
      const keys = Object.keys(property)
      if (property.description === undefined) found.push(`${path}.${name}`)
      if (keys.every((key) => key === 'description')) found.push(`${path}.${name} takes anything`)
    }
    for (const [key, inner] of Object.entries(node)) walk(inner, `${path}.${key}`)
  }
  walk(schema, '')
  // Ranges explain themselves.
  expect(found.filter((path) => !/passivePorts|sslProtocol/.test(path))).toEqual([])
  expect(JSON.stringify(schema)).not.toContain('"run"')
})
