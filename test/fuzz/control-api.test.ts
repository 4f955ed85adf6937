import fc from 'fast-check'
import { afterAll, beforeAll, expect } from 'vitest'
import { type ControlApi, type FtpFixture, startControlApi, startFtpServer } from '../../src/index.ts'
import { ControlRequests, type RequestOptions } from '../support/control-requests.ts'
import { anyText, fileName, numberText } from './inputs.ts'
import { holds } from './runs.ts'
import { mutatedData, mutatedText } from './scenarios.ts'

let ftp: FtpFixture
let api: ControlApi
let requests: ControlRequests
beforeAll(async () => {
  ftp = await startFtpServer({ files: 'basic', clock: 'manual' })
  api = await startControlApi(ftp)
  requests = new ControlRequests(api)
  await ftp.lane('one')
})
afterAll(() => ftp.stop())

// Not asked for: the end of the server, and what has no end.
const ROUTES = [
  ...['GET /server', 'GET /files', 'POST /files/reset', 'GET /file', 'HEAD /file', 'PUT /file', 'DELETE /file'],
  ...['GET /scenarios', 'GET /scenario', 'PUT /scenario', 'DELETE /scenario', 'POST /rules', 'POST /verify'],
  ...['GET /transcript', 'DELETE /transcript', 'POST /wait', 'POST /clock/advance', 'GET /sessions'],
  ...['DELETE /sessions/{}', 'GET /lanes', 'GET /lanes/{}/server', 'PUT /lanes/{}/file', 'PUT /lanes/one/scenario'],
  ...['GET /openapi.json', 'GET /{}', 'PATCH /file', 'PUT /lanes/one/file', 'GET /lanes/one/files'],
]

const parameter = fc.oneof(anyText, numberText, fc.constantFrom('1', 'one', '__proto__', '..', '%', '%2e%2e', '%ff'))
const filePath = fc.array(fc.oneof(fileName, fc.constantFrom('..', '.', '', 'pub', 'hello.txt')), { maxLength: 4 })
const name = fc.constantFrom('path', 'after', 'secrets', 'format', 'x', '__proto__', '')
const query = fc.array(
  fc.oneof(
    fc.tuple(name, parameter),
    fc.tuple(
      fc.constant('path'),
      filePath.map((parts) => `/${parts.join('/')}`),
    ),
  ),
  { maxLength: 2 },
)
const body = fc.oneof(
  fc.jsonValue(),
  mutatedData,
  fc.record({
    match: fc.oneof(fc.jsonValue(), fc.record({ type: fc.constantFrom('command', 'x') })),
    timeout: fc.nat(3),
  }),
  fc.record({ by: fc.oneof(fc.nat(1000), parameter) }),
  fc.record({ expectation: fc.jsonValue() }),
  fc.record({ when: fc.jsonValue(), then: fc.oneof(fc.jsonValue(), fc.record({ delay: fc.nat(5) })) }),
)
const options: fc.Arbitrary<RequestOptions> = fc.oneof(
  fc.constant({}),
  body.filter(copiesNothing).map((json) => ({ json })),
  fc
    .tuple(
      fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        // A scenario would do something of its own then: copy a directory, say.
        mutatedText.map((text) => Buffer.from(`- ${text}`)),
      ),
      fc.constantFrom('application/json', 'application/yaml', 'application/octet-stream', 'text/plain', '', ';'),
    )
    .map(([content, type]) => ({ content, headers: { 'Content-Type': type } })),
)

/** Of these, Node's client sends what is in them as a request of its own. */
function isBodiless(method: string): boolean {
  return ['GET', 'HEAD', 'DELETE'].includes(method)
}

/** A directory of this machine is not to be copied, be it the root. */
function copiesNothing(value: unknown): boolean {
  return typeof (value as { readonly files?: unknown } | null)?.files !== 'string'
}

holds(
  'whatever is asked for, the answer is one that the document tells of, and never that something broke',
  fc.asyncProperty(fc.constantFrom(...ROUTES), parameter, query, options, async (route, parameter, query, options) => {
    const [method = '', path = ''] = route.split(' ')
    const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()
    const target = path.replace('{}', encodeURIComponent(parameter.replaceAll(/\p{Surrogate}/gu, '')))
    const answer = await requests.ask(
      method,
      search === '' ? target : `${target}?${search}`,
      isBodiless(method) ? {} : options,
    )
    expect(answer.status, answer.text).toBeLessThan(500)
    if (answer.status >= 400 && method !== 'HEAD') expect(answer.json.error.code).toMatch(/^E[A-Z_]+$/)
    expect('polluted' in {}).toBe(false)
  }),
  { runs: 100 },
)
