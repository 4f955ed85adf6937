import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { FtpFixtureError } from '../../options/error.ts'
import { baseOf, type ControlAddress, originOf } from './address.ts'
import { remoteError } from './remote-error.ts'
import { SyncRequests } from './sync-requests.ts'

/** One request to a control API. */
export interface ControlRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD'
  /** Behind the base of the server or the lane: '/transcript'. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Goes as JSON. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The answer to one. */
export interface ControlAnswer {
  readonly status: number
  readonly body: Buffer
}

/** How long a synchronous call waits. */
const SYNC_LIMIT_MS = 10_000

/** Speaks to one control API: with promises, or standing still until the answer is there. */
export class ControlClient {
  readonly address: ControlAddress
  // Without keep-alive: a connection costs next to nothing here, and none stays that could keep a process from ending.
  readonly #agent = new Agent()
  readonly #sync: SyncRequests
  readonly #limitMs: number
  #isClosed = false

  constructor(address: ControlAddress, limitMs: number = SYNC_LIMIT_MS) {
    this.address = address
    this.#limitMs = limitMs
    this.#sync = new SyncRequests(address, limitMs)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Makes a request; the answer's JSON, `undefined` where it has none. Throws what the server threw. */
  async call<T = undefined>(request: ControlRequest): Promise<T> {
    return this.valueOf(request, await this.send(request)) as T
  }

  /** The same while this thread stands still. */
  callNow<T = undefined>(request: ControlRequest): T {
    this.checkOpen(request)
    const { method, json } = request
    const answer = this.#sync.send({
      method,
      path: this.#pathOf(request),
      headers: this.#headersOf(request),
      body: json === undefined ? undefined : JSON.stringify(json),
    })
    if (answer === undefined) {
      const message = `${shown(request)}: no answer from ${originOf(this.address)} within ${this.#limitMs} ms`
      throw new FtpFixtureError('ERR_CONTROL_FAILED', message)
    }
    if (!('status' in answer))
      throw this.broken(request, Object.assign(new Error(answer.message), { code: answer.code }))
    return this.valueOf(request, { status: answer.status, body: Buffer.from(answer.text) }) as T
  }

  /** The JSON of an answer; throws for one that tells of an error. */
  valueOf(request: ControlRequest, { status, body }: ControlAnswer): unknown {
    const text = String(body)
    if (status < 400) return text === '' ? undefined : JSON.parse(text)
    const message = `${shown(request)}: ${originOf(this.address)} answered ${status} ${text.slice(0, 200)}`.trimEnd()
    const error = remoteError(text) ?? new FtpFixtureError('ERR_CONTROL_FAILED', message)
    // Of a lane there is always all, until it has ended.
    const isGone = this.address.lane !== undefined && 'code' in error && error.code === 'ERR_NOT_FOUND'
    throw isGone ? new FtpFixtureError('ERR_STOPPED', error.message, { cause: error }) : error
  }

  /** Makes a request, and gives any answer there is. */
  async send(request: ControlRequest, content?: string | Uint8Array): Promise<ControlAnswer> {
    const incoming = await this.open(request, undefined, content)
    try {
      return await answerIn(incoming)
    } catch (error) {
      throw this.broken(request, error as Error)
    }
  }

  /** Makes a request, and gives the answer to be read while it comes; `signal` ends that. */
  async open(request: ControlRequest, signal?: AbortSignal, content?: string | Uint8Array): Promise<IncomingMessage> {
    this.checkOpen(request)
    const { method, json } = request
    const { host, port } = this.address
    const options = { agent: this.#agent, host, port, method, ...(signal && { signal }) }
    try {
      return await new Promise((resolve, reject) => {
        httpRequest({ ...options, path: this.#pathOf(request), headers: this.#headersOf(request) }, resolve)
          .on('error', reject)
          .end(json === undefined ? content : JSON.stringify(json))
      })
    } catch (error) {
      throw this.broken(request, error as Error)
    }
  }

  /** Throws `ERR_STOPPED` once this is closed. */
  checkOpen(request: ControlRequest): void {
    if (this.#isClosed) throw this.#stopped(request)
  }

  /** The error for a request that broke off, by what Node says of it. */
  broken(request: ControlRequest, cause: Error): FtpFixtureError {
    if (this.#isClosed) return this.#stopped(request)
    const message = `${shown(request)}: the server behind ${originOf(this.address)} is not there any more, or broke off`
    return new FtpFixtureError('ERR_STOPPED', `${message} (${cause.message})`, { cause })
  }

  /** One for another lane, or for the whole server. */
  on(lane: string | undefined): ControlClient {
    return new ControlClient({ ...this.address, lane }, this.#limitMs)
  }

  /** Ends all requests, and the thread of the synchronous ones. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#agent.destroy()
    await this.#sync.close()
  }

  #pathOf({ path, query = {} }: ControlRequest): string {
    const given = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    return `${baseOf(this.address)}${path}${given.length > 0 ? `?${given.join('&')}` : ''}`
  }

  #headersOf({ json, headers }: ControlRequest): Record<string, string> {
    return {
      authorization: `Bearer ${this.address.token}`,
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    }
  }

  #stopped(request: ControlRequest): FtpFixtureError {
    return new FtpFixtureError('ERR_STOPPED', `${shown(request)}: the server is stopped, or this hold was let go`)
  }
}

/** The whole of an answer that is coming in. */
export async function answerIn(incoming: IncomingMessage): Promise<ControlAnswer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return { status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) }
}

function shown({ method, path }: ControlRequest): string {
  return `${method} ${path}`
}
