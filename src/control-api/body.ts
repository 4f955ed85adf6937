import type { Kit } from '../faults/fault.ts'
import { FtpFixtureError } from '../options/error.ts'
import { ScenarioError } from '../scenario/error.ts'
import { pathFrom, pathText } from '../scenario/source.ts'
import { type Parsed, parseYaml } from '../scenario/yaml.ts'
import { checked } from './checked.ts'
import { Refusal } from './refusal.ts'
import type { RequestBody } from './route.ts'

/** More than anybody says in a scenario: as much as one in a file may have. */
const MAX_VALUE_BYTES = 1024 * 1024

const JSON_TYPE = 'application/json'
const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']
const BYTES_TYPE = 'application/octet-stream'

/** What a request carries, checked; and where in it something is, if it is known by its lines. */
export interface ReadBody {
  readonly value: unknown
  readonly place?: Parsed['place']
}

/** Reads what a request carries; throws for what is too large, of another type, or wrong. */
export async function readBody(request: Request, body: RequestBody, maxBytes: number, z: () => Kit): Promise<ReadBody> {
  const type = mediaType(request)
  if (body.is === 'bytes') {
    if (type !== '') expectType(type, [BYTES_TYPE])
    return { value: await bytesOf(request, maxBytes) }
  }
  // Whether there is anything is known before its type is of interest.
  const text = asText(await bytesOf(request, MAX_VALUE_BYTES))
  if (text === '' && body.optional === true) return { value: checked(body.schema(z()), {}, bodyPlace) }
  expectType(type, body.yaml === true ? [JSON_TYPE, ...YAML_TYPES] : [JSON_TYPE])
  if (type === JSON_TYPE) return { value: checked(body.schema(z()), parseJson(text), bodyPlace) }
  const { value, place } = parseYaml(text, 'body')
  return { value: checked(body.schema(z()), value, place), place }
}

/** An error about what was carried, with its line there. */
export function placed(error: unknown, { place }: ReadBody): unknown {
  if (place === undefined || !(error instanceof ScenarioError) || error.place.line !== undefined) return error
  return new ScenarioError(place(pathFrom(error.place.path)), error.problem, { cause: error })
}

const bodyPlace: Parsed['place'] = (path) => ({ file: 'body', path: pathText(path) })

function mediaType({ headers }: Request): string {
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  return type.trim().toLowerCase()
}

function expectType(type: string, expected: readonly string[]): void {
  if (expected.includes(type)) return
  const found = type === '' ? 'none' : `"${type}"`
  throw new Refusal(415, `Content-Type: expected ${expected.slice(0, 2).join(' or ')}, found ${found}`)
}

/** Everything, counted as it comes: what a request says of its length may be wrong, or missing. */
async function bytesOf(request: Request, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = request.body?.getReader()
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(value)
  }
  return Buffer.concat(chunks)
}

function tooLarge(maxBytes: number): Refusal {
  // The rest of it is on the way still.
  return new Refusal(413, `body: expected at most ${maxBytes} bytes`, { Connection: 'close' })
}

function asText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new FtpFixtureError('ERR_OPTION_INVALID', 'body: expected UTF-8', { cause: error })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FtpFixtureError('ERR_OPTION_INVALID', `body: expected JSON: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
