import type { IncomingMessage } from 'node:http'
import type { ControlApi } from '../../src/index.ts'
import { begin } from './control-requests.ts'

/** One message of a stream of server-sent events, or a comment in it. */
export interface StreamMessage {
  readonly id?: number
  readonly event?: string
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is for tests to say
  readonly data?: any
  readonly comment?: string
}

/** A reader of server-sent events, which keeps to what the standard says of them. */
export class EventStream {
  readonly incoming: IncomingMessage
  readonly #messages: AsyncGenerator<StreamMessage, void>

  private constructor(incoming: IncomingMessage) {
    this.incoming = incoming
    this.#messages = messagesIn(incoming)
  }

  static async open(
    api: Pick<ControlApi, 'url' | 'token'>,
    path = '/transcript/live',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<EventStream> {
    const incoming = await begin(api, 'GET', path, { headers: { Accept: 'text/event-stream', ...headers } })
    // One that a test leaves unread is cut off.
    incoming.on('error', () => {})
    return new EventStream(incoming)
  }

  /** The next message that tells of an event; `undefined` when the stream has ended. */
  async next(): Promise<StreamMessage | undefined> {
    for (;;) {
      const message = await this.any()
      if (message === undefined || message.data !== undefined) return message
    }
  }

  /** So many of them. */
  async take(count: number): Promise<StreamMessage[]> {
    const taken: StreamMessage[] = []
    for (let left = count; left > 0; left--) {
      const message = await this.next()
      if (message === undefined) break
      taken.push(message)
    }
    return taken
  }

  /** The next message of any kind. */
  async any(): Promise<StreamMessage | undefined> {
    return (await this.#messages.next()).value ?? undefined
  }

  /** All that is left, up to the end. */
  rest(): Promise<StreamMessage[]> {
    return this.take(Number.POSITIVE_INFINITY)
  }

  [Symbol.dispose](): void {
    this.incoming.destroy()
  }
}

async function* messagesIn(incoming: IncomingMessage): AsyncGenerator<StreamMessage, void> {
  let unread = ''
  for await (const chunk of incoming.setEncoding('utf8')) {
    const texts = (unread + (chunk as string)).split('\n\n')
    unread = texts.pop() ?? ''
    for (const text of texts) yield messageOf(text)
  }
}

function messageOf(text: string): StreamMessage {
  const fields = new Map(text.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) as [string, string]))
  const [id, event, data, comment] = ['id', 'event', 'data', ''].map((name) => fields.get(name))
  return {
    ...(id !== undefined && { id: Number(id) }),
    ...(event !== undefined && { event }),
    ...(data !== undefined && { data: JSON.parse(data) }),
    ...(comment !== undefined && { comment }),
  }
}
