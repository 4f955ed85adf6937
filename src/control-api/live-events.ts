import { asData, type Transcript } from '../fixture/transcript.ts'
import type { FtpEvent } from '../handlers/events.ts'
import type { IOLoop, ScheduledCall } from '../ioloop/ioloop.ts'

/** How far a reader may fall behind: its stream is closed then, and it may come back for the rest. */
const MAX_LAG = 10_000
/** How many events go in one write. */
const BATCH = 256
/** What stands between keeps a connection from passing for dead. */
const KEEP_ALIVE_MS = 15_000
const KEEP_ALIVE = ': still here\n\n'
/** When to come back after the stream has ended. */
const RETRY = 'retry: 1000\n\n'

/** How the events of a transcript are streamed. */
export interface LiveOptions {
  /** The number of the first one. */
  readonly from: number
  readonly ioloop: IOLoop
  /** Ends the stream. */
  readonly signal: AbortSignal
}

/** What happened and what happens, as server-sent events; each is written when its reader is ready for it. */
export function liveEvents(transcript: Transcript, options: LiveOptions): ReadableStream<Uint8Array> {
  const live = new LiveEvents(transcript, options)
  return new ReadableStream(live, { highWaterMark: 1 })
}

/** One reader's place in the transcript: only what is ahead of it is kept, and only as references. */
class LiveEvents {
  readonly #options: LiveOptions
  readonly #transcript: Transcript
  #ahead: FtpEvent[] = []
  /** The number of the first event ahead. */
  #next: number
  #mayLag = MAX_LAG
  #text = RETRY
  #ended = false
  #stopListening: () => void = () => {}
  #keepAlive: ScheduledCall | undefined
  #wake: () => void = () => {}

  constructor(transcript: Transcript, options: LiveOptions) {
    this.#transcript = transcript
    this.#options = options
    this.#next = Math.max(options.from, transcript.forgotten)
  }

  start(): void {
    const { signal, ioloop } = this.#options
    const { events, forgotten } = this.#transcript
    this.#ahead = events.slice(this.#next - forgotten)
    this.#mayLag += this.#ahead.length
    let number = forgotten + events.length
    this.#stopListening = this.#transcript.listen((event) => {
      if (number++ >= this.#next) this.#add(event)
    })
    this.#keepAlive = ioloop.callEvery(KEEP_ALIVE_MS, () => this.#say(KEEP_ALIVE))
    signal.addEventListener('abort', this.#end)
    if (signal.aborted) this.#end()
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.#text === '' && this.#ahead.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const text = this.#taken()
    if (text !== '') controller.enqueue(Buffer.from(text))
    if (this.#ended && this.#ahead.length === 0) controller.close()
  }

  cancel(): void {
    this.#end()
  }

  #add(event: FtpEvent): void {
    this.#ahead.push(event)
    if (this.#ahead.length > this.#mayLag) {
      this.#ahead = []
      this.#end()
    }
    this.#wake()
  }

  #say(text: string): void {
    this.#text = text
    this.#wake()
  }

  /** What to write next. */
  #taken(): string {
    const frames = this.#ahead.splice(0, BATCH).map((event) => frame(event, this.#next++))
    const text = this.#text + frames.join('')
    this.#text = ''
    return text
  }

  readonly #end = (): void => {
    this.#ended = true
    this.#stopListening()
    this.#keepAlive?.cancel()
    this.#options.signal.removeEventListener('abort', this.#end)
    this.#wake()
  }
}

function frame(event: FtpEvent, number: number): string {
  return `id: ${number}\nevent: ${event.type}\ndata: ${JSON.stringify(asData(event))}\n\n`
}
