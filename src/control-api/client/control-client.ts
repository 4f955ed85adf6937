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

  constructor(address: ControlAddress, limitMs: number = SYNC_LIMIT_MS, sync = new SyncRequests(address, limitMs)) {
    this.address = address
    this.#limitMs = limitMs
    this.#sync = sync
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Makes a request; the answer's JSON, `undefined` where it has none. Throws what the server threw. */
  async call<T = undefined>(request: ControlRequest, signal?: AbortSignal): Promise<T> {
    return this.valueOf(request, await this.send(request, undefined, signal)) as T
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
    if (answer === undefined) throw this.silent(shown(request), this.#limitMs)
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
  async send(request: ControlRequest, content?: Uint8Array, signal?: AbortSignal): Promise<ControlAnswer> {
    const incoming = await this.open(request, signal, content)
    try {
      return await answerIn(incoming)
    } catch (error) {
      throw this.broken(request, error as Error)
    }
  }

  /** Makes a request, and gives the answer to be read while it comes; `signal` ends that. */
  async open(request: ControlRequest, signal?: AbortSignal, content?: Uint8Array): Promise<IncomingMessage> {
    this.checkOpen(request)
    const { method, json } = request
    const { host, port } = this.address
    const options = { agent: this.#agent, host, port, method, ...(signal && { signal }) }
    const headers = { ...this.#headersOf(request), ...(content && isLarge(content) && askFirst(content)) }
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest({ ...options, path: this.#pathOf(request), headers }, resolve)
      outgoing.on('error', (error) => reject(this.broken(request, error)))
      if ('expect' in headers) outgoing.once('continue', () => outgoing.end(content)).flushHeaders()
      else outgoing.end(json === undefined ? content : JSON.stringify(json))
    })
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

  /** The error for a server that is there, and says nothing to what was asked. */
  silent(asked: string, limitMs: number): FtpFixtureError {
    const message = `${asked}: no answer from ${originOf(this.address)} within ${limitMs} ms`
    return new FtpFixtureError('ERR_CONTROL_FAILED', message)
  }

  /** One for another lane, or for the whole server. */
  on(lane: string | undefined): ControlClient {
    return new ControlClient({ ...this.address, lane }, this.#limitMs, this.#sync.shared())
  }

  /** Ends all requests, and the thread of the synchronous ones unless others need it. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#agent.destroy()
    await this.#sync.release()
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

/** More than a connection takes while nobody reads it: who does not want it could not say so. */
function isLarge(content: Uint8Array): boolean {
  return content.length > 65_536
}

/** Has the server say whether it wants so much before it comes (RFC 9110 §10.1.1). */
function askFirst(content: Uint8Array): Record<string, string> {
  return { expect: '100-continue', 'content-length': String(content.length) }
}

function shown({ method, path }: ControlRequest): string {
  return `${method} ${path}`
}
