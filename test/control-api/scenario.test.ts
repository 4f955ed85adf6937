import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Service } from '../../src/control-api/service.ts'
import { startControlApi, startFtpServer } from '../../src/index.ts'
import { scenarioNames } from '../../src/scenario.ts'
import { ControlRequests } from '../support/control-requests.ts'
import { RawClient } from '../support/raw-client.ts'

const YAML = { 'Content-Type': 'application/yaml' }
const file = fileURLToPath(new URL('../../scenarios/abort-download-midway.yaml', import.meta.url))

test('the built-in scenarios are listed with what they do', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const { json } = await new ControlRequests(api).get('/scenarios')
  expect(json.map(({ name }: { name: string }) => name)).toEqual(scenarioNames())
  for (const { name, description } of json) expect(description, name).toMatch(/\.$/)
})

test.each([
  ['a name', { json: 'abort-download-midway' }, 'abort-download-midway'],
  ['a file', { json: { file } }, 'abort-download-midway'],
  ['a value', { json: { name: 'mine', rules: [{ when: { command: 'NOOP' }, then: { reply: '200 Yes.' } }] } }, 'mine'],
  ['YAML', { content: 'name: mine\nrules: [{ then: { delay: 1ms } }]\n', headers: YAML }, 'mine'],
  ['a name in YAML', { content: 'abort-download-midway\n', headers: YAML }, 'abort-download-midway'],
])('a scenario is put on by %s, and ended', async (_what, options, name) => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  expect((await requests.ask('PUT', '/scenario', options)).status).toBe(204)
  expect(ftp.scenario).toBe(name)
  const { json } = await requests.get('/scenario')
  expect(json).toEqual({ scenario: name, rules: ftp.explain().rules, text: String(ftp.explain()) })
  expect((await requests.delete('/scenario')).status).toBe(204)
  expect(ftp.scenario).toBeUndefined()
  expect((await requests.get('/scenario')).json).toEqual({ scenario: '', rules: [], text: 'no scenario is in use\n' })
})

test('a rule is added, as JSON and as YAML, and does its work', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  await requests.post('/rules', { when: { command: 'NOOP' }, times: 1, then: { reply: '200 From JSON.' } })
  const content = 'when: { command: NOOP }\nskip: 1\ntimes: 1\nthen: { reply: 200 From YAML. }\n'
  expect((await requests.ask('POST', '/rules', { content, headers: YAML })).status).toBe(204)
  await using client = await RawClient.login(ftp)
  expect((await client.command('NOOP')).text).toBe('200 From JSON.')
  expect((await client.command('NOOP')).text).toBe('200 From YAML.')
  expect((await requests.get('/scenario')).json.rules).toMatchObject([{ applied: 1 }, { applied: 1 }])
})

test('what is wrong in YAML is told with its line and column', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const put = (content: string) => requests.ask('PUT', '/scenario', { content, headers: YAML })
  const syntax = await put('name: x\nrules:\n\t- then: {}\n')
  expect([syntax.status, syntax.json.error.code]).toEqual([400, 'ERR_SCENARIO_INVALID'])
  expect(syntax.json.error.message).toBe('body:3:1: a tab; YAML is indented by spaces')
  const value = await put('name: x\nrules:\n  - when: { command: RETR }\n    then: { delay: soon }\n')
  expect(value.json.error).toMatchObject({
    code: 'ERR_SCENARIO_INVALID',
    message: expect.stringMatching(/^body:4:20: rules\[0\]\.then\.delay: expected /),
    place: { file: 'body', line: 4, column: 20, path: 'rules[0].then.delay' },
    problem: expect.stringMatching(/^expected /),
  })
  const key = await put('name: x\nfiles:\n  "/a \\"b\\"": { sise: 1 }\nrules: []\n')
  expect(key.json.error.message).toMatch(/^body:3:\d+: files\["\/a \\"b\\""\]\.sise: unknown key/)
  const rule = await requests.ask('POST', '/rules', { content: 'wen: {}\nthen: { delay: 1ms }\n', headers: YAML })
  expect(rule.json.error.message).toBe('body:1:6: wen: unknown key; did you mean "when"?')
  expect(ftp.scenario).toBeUndefined()
})

test('what is wrong in JSON is told with its place', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const value = await requests.put('/scenario', { rules: [{ then: { dely: '1s' } }] })
  expect([value.status, value.json.error]).toMatchObject([
    400,
    { code: 'ERR_SCENARIO_INVALID', message: 'scenario: rules[0].then.dely: unknown key; did you mean "delay"?' },
  ])
  const name = await requests.put('/scenario', 'slow-downlod')
  expect([name.status, name.json.error.code]).toEqual([400, 'ERR_SCENARIO_UNKNOWN'])
  expect(name.json.error.message).toContain('did you mean "slow-download"?')
  const relative = await requests.put('/scenario', { file: 'scenarios/slow-download.yaml' })
  expect([relative.status, relative.json.error.message]).toEqual([
    400,
    'body: file: expected an absolute path, found "scenarios/slow-download.yaml"',
  ])
  const text = await requests.put('/scenario', 'scenarios/slow-download.yaml')
  expect([text.status, text.json.error.message]).toEqual([
    400,
    expect.stringMatching(/^body: expected the name of a sc/),
  ])
  const number = await requests.put('/scenario', { file: 1 })
  expect([number.status, number.json.error.message]).toEqual([400, 'body: file: expected a string, found 1'])
  const more = await requests.put('/scenario', { file, rules: [] })
  expect([more.status, more.json.error.code]).toEqual([400, 'ERR_OPTION_UNKNOWN'])
  const missing = await requests.put('/scenario', { file: '/nowhere/x.yaml' })
  expect([missing.status, missing.json.error.code]).toEqual([400, 'ERR_SCENARIO_INVALID'])
  for (const wrong of [7, null, ['slow-download']]) {
    const { status, json } = await requests.put('/scenario', wrong)
    expect([status, json.error.code]).toEqual([400, 'ERR_OPTION_INVALID'])
    expect(json.error.message).toMatch(/^body: expected (text, or )?an object, the scenario, found /)
  }
  expect((await requests.post('/rules', {})).status).toBe(400)
  expect(ftp.scenario).toBeUndefined()
})

test('a scenario that does not fit the server is refused, and the one before goes on', async () => {
  await using ftp = await startFtpServer({ scenario: 'slow-download' })
  await using api = await startControlApi(ftp)
  const { status, json } = await new ControlRequests(api).put('/scenario', { options: { tls: true } })
  expect([status, json.error.code]).toEqual([409, 'ERR_SCENARIO_UNFIT'])
  expect(ftp.scenario).toBe('slow-download')
  ftp.reset()
})

test('expectations are verified: the scenario’s, and those that are given', async () => {
  await using ftp = await startFtpServer()
  await using api = await startControlApi(ftp)
  const requests = new ControlRequests(api)
  const none = await requests.post('/verify')
  expect([none.status, none.json.error.code]).toEqual([422, 'ERR_EXPECTATION_FAILED'])
  await requests.put('/scenario', { name: 'mine', expect: { commands: ['NOOP'] } })
  await using client = await RawClient.login(ftp)
  const early = await requests.post('/verify', {})
  expect([early.status, early.json.error]).toMatchObject([
    422,
    {
      code: 'ERR_EXPECTATION_FAILED',
      message: expect.stringContaining('>>> expected here: NOOP'),
      failures: ['commands.inOrder[0]: NOOP did not come; the commands were USER, PASS, TYPE.'],
    },
  ])
  await client.command('NOOP', 200)
  expect((await requests.post('/verify')).status).toBe(204)
  expect((await requests.post('/verify', { expectation: { commands: { never: ['NOOP'] } } })).status).toBe(422)
  const content = 'expectation:\n  comands: [NOOP]\n'
  const wrong = await requests.ask('POST', '/verify', { content, headers: YAML })
  expect([wrong.status, wrong.json.error.code]).toEqual([400, 'ERR_SCENARIO_INVALID'])
  expect(wrong.json.error.message).toContain('comands: unknown key; did you mean "commands"?')
})

test('the built-in scenarios are read once', async () => {
  await using ftp = await startFtpServer()
  const service = new Service(ftp, 1)
  expect(await service.catalogue()).toBe(await service.catalogue())
  service.close()
})
