import type { FixtureFiles } from '../../fixture/files.ts'
import type { FixtureClock, FtpHandle, SessionInfo, StopReport, WaitOptions } from '../../fixture/handle.ts'
import type { EventMatch, Transcript } from '../../fixture/transcript.ts'
import type { WaitCondition } from '../../fixture/waiters.ts'
import type { EventOf, FtpEvent } from '../../handlers/events.ts'
import { IOLoop } from '../../ioloop/ioloop.ts'
import { asyncDispose } from '../../options/async-dispose.ts'
import { objectLike, rejectUnknownKeys } from '../../options/check.ts'
import { FtpFixtureError } from '../../options/error.ts'
import { type Duration, parseDuration } from '../../options/units.ts'
import type { Expectation } from '../../scenario/expect/schema.ts'
import type { Explanation } from '../../scenario/explain.ts'
import type { Rule, Scenario } from '../../scenario/schema.ts'
import type { ControlClient, ControlRequest } from './control-client.ts'
import { portable, portableScenario } from './portable.ts'
import { RemoteFiles } from './remote-files.ts'
import { RemoteTranscript } from './remote-transcript.ts'
import { waitForRemote } from './remote-wait.ts'
import type { ServerInfo } from './server-info.ts'

/** Asks for the server, or the lane, itself. */
export const SERVER: ControlRequest = { method: 'GET', path: '/server' }

/** How long a server that is let go of may take to tell the end of its transcript. */
const LAST_LOOK_MS = 2000

/**
 * A hold on a server that runs elsewhere, used as one on a server of this process. What is no promise there is none
 * here: this thread stands still for the moment that the answer takes.
 */
export class RemoteFtpServer implements FtpHandle {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string
  readonly url: string
  readonly ca: string | undefined
  readonly root: string
  readonly files: FixtureFiles
  readonly transcript: Transcript
  readonly clock: FixtureClock
  readonly #transcript: RemoteTranscript
  readonly #client: ControlClient
  readonly #ownsLane: boolean
  #stopped: Promise<StopReport> | undefined
  #shutdown: Promise<StopReport> | undefined

  /** `ownsLane` for a lane that was made for this hold, and is to end with it. */
  constructor(client: ControlClient, info: ServerInfo, ownsLane = false) {
    this.host = info.host
    this.port = info.port
    this.username = info.username
    this.password = info.password
    this.url = info.url
    this.ca = info.ca
    this.root = info.root
    this.files = new RemoteFiles(client, info.root)
    this.#transcript = new RemoteTranscript(client)
    this.transcript = this.#transcript
    this.clock = {
      now: () => client.callNow<ServerInfo>(SERVER).now,
      advance: (by: Duration) => this.#advance(by),
    }
    this.#client = client
    this.#ownsLane = ownsLane
  }

  get sessions(): readonly SessionInfo[] {
    // None outlives its server.
    return this.#stopped === undefined ? this.#client.callNow({ method: 'GET', path: '/sessions' }) : []
  }

  get scenario(): string | undefined {
    return this.#client.callNow<ServerInfo>(SERVER).scenario
  }

  async waitFor<E extends FtpEvent>(condition: (event: FtpEvent) => event is E, options?: WaitOptions): Promise<E>
  async waitFor(condition: (event: FtpEvent) => boolean, options?: WaitOptions): Promise<FtpEvent>
  async waitFor<T extends FtpEvent['type']>(condition: EventMatch<T>, options?: WaitOptions): Promise<EventOf<T>>
  async waitFor(condition: WaitCondition, options: WaitOptions = {}): Promise<FtpEvent> {
    objectLike('{ timeout, after, signal }')(options, 'options')
    rejectUnknownKeys(options, ['timeout', 'after', 'signal'])
    const { timeout = '5s', after, signal } = options
    const wanted = { condition, timeoutMs: parseDuration(timeout, 'timeout'), after, signal }
    return waitForRemote(this.#client, this.#transcript, wanted)
  }

  /** A file is read by the server, from the same path; what is a function cannot go there. */
  use(scenario: string | URL | Scenario): void {
    this.#client.callNow({ method: 'PUT', path: '/scenario', json: portableScenario(scenario) })
  }

  add(rule: Rule): void {
    this.#client.callNow({ method: 'POST', path: '/rules', json: portable(rule, 'rule') })
  }

  reset(): void {
    this.#client.callNow({ method: 'DELETE', path: '/scenario' })
  }

  async verify(expectation?: Expectation): Promise<void> {
    const json = expectation === undefined ? {} : { expectation: portable(expectation, 'expectation') }
    await this.#client.call({ method: 'POST', path: '/verify', json })
  }

  explain(): Explanation {
    const { text, ...explanation } = this.#client.callNow<Explanation & { readonly text: string }>({
      method: 'GET',
      path: '/scenario',
    })
    return { ...explanation, toString: () => text }
  }

  async kick(session: number): Promise<boolean> {
    const request: ControlRequest = { method: 'DELETE', path: `/sessions/${encodeURIComponent(session)}` }
    const answer = await this.#client.send(request)
    if (answer.status === 404) return false
    this.#client.valueOf(request, answer)
    return true
  }

  async lane(name?: string): Promise<RemoteFtpServer> {
    const request: ControlRequest = { method: 'POST', path: '/lanes', json: { name } }
    this.#client.checkOpen(request)
    const server = this.#client.on(undefined)
    const answer = await server.send(request)
    const info = server.valueOf(request, answer) as ServerInfo
    await server.close()
    // A lane that was there is somebody else's to end.
    return new RemoteFtpServer(this.#client.on(info.lane), info, answer.status === 201)
  }

  /**
   * Lets go of the server, which runs on for everybody else; a lane that was made for this hold ends with it. The
   * transcript stays to be looked at, as it is now. A second call gives the same promise.
   */
  stop(): Promise<StopReport> {
    this.#stopped ??= this.#ownsLane ? this.#end().catch(unlessStopped) : this.#letGo()
    return this.#stopped
  }

  /**
   * Ends the server itself, for everybody, or the lane; a second call gives the same promise. Rejects with `ERR_STOPPED`
   * when it has ended already, or was let go of.
   */
  shutdown(): Promise<StopReport> {
    this.#shutdown ??= this.#end()
    this.#stopped ??= this.#shutdown.catch(unlessStopped)
    return this.#shutdown
  }

  async [asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #advance(by: Duration): Promise<void> {
    await this.#client.call({ method: 'POST', path: '/clock/advance', json: { by: parseDuration(by, 'by') } })
  }

  async #end(): Promise<StopReport> {
    try {
      await this.#transcript.fill()
      this.#transcript.end()
      return await this.#client.call<StopReport>({ method: 'DELETE', path: '/server' })
    } finally {
      await this.#client.close()
    }
  }

  /** A server that is gone, or says nothing, is let go of all the same; what is known of the transcript is kept. */
  async #letGo(): Promise<StopReport> {
    const ioloop = new IOLoop()
    const limit = new AbortController()
    ioloop.callLater(LAST_LOOK_MS, () => limit.abort())
    await this.#transcript.fill(limit.signal).catch(() => {})
    ioloop.close()
    this.#transcript.end()
    await this.#client.close()
    return nothingCut
  }
}

const nothingCut: StopReport = { sessions: 0, transfers: 0, unfired: [] }

/** It is all the same who ended it. */
function unlessStopped(error: unknown): StopReport {
  if (error instanceof FtpFixtureError && error.code === 'ERR_STOPPED') return nothingCut
  throw error
}
