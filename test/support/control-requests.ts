import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import type { ControlApi } from '../../src/index.ts'

/** What an API has answered. */
export interface ControlAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
  /** Its JSON; fails where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is for tests to say
  readonly json: any
}

export interface RequestOptions {
  /** Goes as JSON. */
  readonly json?: unknown
  readonly content?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

interface Operation {
  readonly operationId: string
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >
}

/** An OpenAPI document, as far as tests look into it. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

/** Makes requests of an API, and holds each answer against the document that the API gives of itself. */
export class ControlRequests {
  readonly api: Pick<ControlApi, 'url' | 'token'>
  /** The operations that were asked for. */
  readonly used = new Set<string>()
  #document: ApiDocument | undefined
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false })

  constructor(api: Pick<ControlApi, 'url' | 'token'>) {
    this.api = api
  }

  get(path: string, options?: RequestOptions): Promise<ControlAnswer> {
    return this.ask('GET', path, options)
  }

  put(path: string, json: unknown): Promise<ControlAnswer> {
    return this.ask('PUT', path, { json })
  }

  post(path: string, json?: unknown): Promise<ControlAnswer> {
    return this.ask('POST', path, json === undefined ? {} : { json })
  }

  delete(path: string): Promise<ControlAnswer> {
    return this.ask('DELETE', path)
  }

  /** A request, its answer checked. */
  async ask(method: string, path: string, options: RequestOptions = {}): Promise<ControlAnswer> {
    this.#document ??= (await send(this.api, 'GET', '/openapi.json')).json as ApiDocument
    const answer = await send(this.api, method, path, options)
    this.#check(method, path, answer)
    return answer
  }

  #check(method: string, path: string, { status, headers, text }: ControlAnswer): void {
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['x-content-type-options']).toBe('nosniff')
    const operation = this.#operation(method, path)
    if (operation === undefined) return
    this.used.add(operation.operationId)
    const documented = operation.responses[status]
    expect(documented, `${method} ${path}: ${status} is not documented`).toBeDefined()
    const type = (headers['content-type'] ?? '').split(';')[0] ?? ''
    if (method !== 'HEAD') {
      expect(Object.keys(documented?.content ?? { '': {} }), `${method} ${path} ${status}`).toContain(type)
    }
    const schema = documented?.content?.[type]?.schema
    if (type !== 'application/json' || schema === undefined) return
    const validate = this.#validator(schema)
    const isValid = validate(JSON.parse(text))
    expect(isValid, `${method} ${path} ${status}: ${this.#ajv.errorsText(validate.errors)}\n${text}`).toBe(true)
  }

  #operation(method: string, path: string): Operation | undefined {
    const [plain = ''] = path.split('?')
    const paths = Object.entries(this.#document?.paths ?? {})
    const [, found] =
      paths.find(([template]) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain)) ?? []
    return found?.[method.toLowerCase()]
  }

  #validator(schema: object): ValidateFunction {
    return this.#ajv.compile({ ...schema, components: this.#document?.components })
  }
}

/** A request with the API's token, to its end. */
export async function send(
  api: Pick<ControlApi, 'url' | 'token'>,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<ControlAnswer> {
  const incoming = await begin(api, method, path, options)
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const { statusCode: status = 0, headers } = incoming
  const text = String(bytes)
  return {
    status,
    headers,
    bytes,
    text,
    get json() {
      return JSON.parse(text)
    },
  }
}

/** A request with the API's token, up to the head of its answer. */
export function begin(
  { url, token }: Pick<ControlApi, 'url' | 'token'>,
  method: string,
  path: string,
  { json, content, headers, signal }: RequestOptions = {},
): Promise<IncomingMessage> {
  const all = {
    Authorization: `Bearer ${token}`,
    ...(json !== undefined && { 'Content-Type': 'application/json' }),
    ...headers,
  }
  return new Promise((resolve, reject) => {
    httpRequest(url + path, { method, headers: all, agent: false, ...(signal && { signal }) }, resolve)
      .on('error', reject)
      .end(json === undefined ? content : JSON.stringify(json))
  })
}
