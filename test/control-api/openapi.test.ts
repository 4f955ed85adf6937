import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { openApi } from '../../src/control-api/openapi.ts'
import { mounted } from '../../src/control-api/route.ts'
import { routes } from '../../src/control-api/routes/table.ts'
import { EVENT_TYPES } from '../../src/handlers/events.ts'
import { startControlApi, startFtpServer } from '../../src/index.ts'
import { runTool } from '../support/clients.ts'
import { type ApiDocument, send } from '../support/control-requests.ts'
import { openApiShape } from '../support/openapi-shape.ts'

const document = openApi(routes, 'http://127.0.0.1:1') as ApiDocument & Record<string, unknown>
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
const operations = Object.entries(document.paths).flatMap(([template, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ template, method: method.toUpperCase(), operation })),
)

test('the document has every route, for the server and for lanes, and no other', () => {
  const served = routes.flatMap(mounted).map(({ path, route }) => `${route.method} ${path}`)
  expect(operations.map(({ method, template }) => `${method} ${template}`).sort()).toEqual(served.sort())
  const names = operations.map(({ operation }) => operation.operationId)
  expect(new Set(names).size).toBe(names.length)
})

test('every operation of the document is one that the API serves, and each of its paths takes no other method', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const lane = (await ftp.lane()).username
  const concrete = (template: string) => template.replace('{lane}', lane).replace('{session}', '1')
  for (const [template, methods] of Object.entries(document.paths)) {
    const known = Object.keys(methods).map((method) => method.toUpperCase())
    const { status, headers } = await send(api, 'PATCH', concrete(template))
    expect([status, headers.allow?.split(', ').sort()], template).toEqual([405, known.sort()])
  }
  // What takes a body says first that it wants another type of it, what stops the server comes last.
  const harmless = operations.filter(({ method, template }) => !(method === 'DELETE' && template.endsWith('/server')))
  for (const { method, template } of harmless) {
    const answer = await send(api, method, `${concrete(template)}?no-such-key`)
    expect([answer.status, method === 'HEAD' || answer.json.error.code], `${method} ${template}`).toEqual([
      400,
      method === 'HEAD' || 'ERR_OPTION_UNKNOWN',
    ])
  }
})

test('the document has the form of OpenAPI 3.1', () => {
  const validate = ajv.compile(openApiShape)
  expect(validate(document), ajv.errorsText(validate.errors)).toBe(true)
  for (const { template, operation } of operations) {
    const parameters = (operation as { parameters?: { name: string; in: string }[] }).parameters ?? []
    const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`)
    expect(inPath, template).toEqual(template.match(/\{\w+\}/g) ?? [])
  }
})

test('each schema in the document is one, and what it refers to is there', () => {
  const found: object[] = []
  JSON.stringify(document, (key, value: unknown) => {
    if (key === 'schema' && typeof value === 'object' && value !== null) found.push(value)
    return value
  })
  expect(found.length).toBeGreaterThan(100)
  for (const schema of new Set([...found.map((each) => JSON.stringify(each))])) {
    ajv.compile({ ...(JSON.parse(schema) as object), components: document.components })
  }
  for (const name of Object.keys((document.components as { schemas: object }).schemas)) {
    ajv.compile({ $ref: `#/components/schemas/${name}`, components: document.components })
  }
})

test('a scenario, a rule, an expectation and every type of event are in it', () => {
  const { schemas } = document.components as { schemas: Record<string, { oneOf?: { title: string }[] }> }
  expect(Object.keys(schemas)).toEqual(expect.arrayContaining(['Scenario', 'Rule', 'Expectation', 'Event', 'Error']))
  expect(schemas.Event?.oneOf?.map(({ title }) => title)).toEqual(EVENT_TYPES)
  const takes = (name: string, value: unknown) =>
    ajv.validate({ $ref: `#/components/schemas/${name}`, components: document.components }, value)
  expect(takes('Scenario', { rules: [{ when: { command: 'RETR' }, then: { delay: '5s' } }] })).toBe(true)
  expect(takes('Scenario', { rules: [{ then: { dely: '5s' } }] })).toBe(false)
  expect(takes('Rule', { then: { delay: '5s' } })).toBe(true)
  expect(takes('Expectation', { comands: [] })).toBe(false)
  expect(takes('EventMatch', { type: 'command', verb: 'RETR' })).toBe(true)
  expect(takes('EventMatch', { verb: 'RETR' })).toBe(false)
})

test('a validator that others wrote takes the document', async ({ skip }) => {
  const program = 'import json, sys, openapi_spec_validator as v; v.validate(json.loads(sys.argv[1]))'
  const check = (text: string) => runTool('python3', ['-c', program, text])
  if ((await runTool('python3', ['-c', 'import openapi_spec_validator'])).status !== 0) {
    skip('openapi-spec-validator for Python is not installed')
  }
  const brief = JSON.stringify(document)
  const { status, stderr } = await check(brief)
  expect(status, stderr.slice(-2000)).toBe(0)
  expect((await check(brief.replaceAll('"responses":', '"responces":'))).status).not.toBe(0)
})

test('the table of routes in the README is that of the API', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
  const section = /### Control API\n([\s\S]*?)\n##/.exec(readme)?.[1] ?? ''
  const rows = [...section.matchAll(/^\| `([A-Z]+) (\/[^`?]*)/gm)].map(
    ([, method, template]) => `${method} ${template}`,
  )
  expect(rows.sort()).toEqual(routes.map(({ method, path: template }) => `${method} ${template}`).sort())
})
