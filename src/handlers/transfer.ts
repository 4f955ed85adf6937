import type { Socket } from 'node:net'
import type { OpenFile } from '../filesystems/open-file.ts'
import type { RawConnection } from '../ioloop/raw-connection.ts'
import { resetBehind } from '../ioloop/reset.ts'
import { encodeText } from '../protocol/encoding.ts'
import { type FinalReply, reply } from '../protocol/reply.ts'
import { receiveAtOnce } from './at-once.ts'
import { receiveDirect, type SendfileUse, sendDirect } from './direct.ts'
import { sendTexts } from './list-sender.ts'
import type { DataFlow, Seams } from './seams.ts'
import type { Session } from './session.ts'
import { fromAscii, meter, readChunks, receiveThrough, type Stage, sendThrough, toAscii, untilGone } from './stages.ts'
import type { TransferRecord } from './transfer-record.ts'

/** What goes over the data connection, and which way. */
export type Route =
  | { readonly send: OpenFile; readonly restartMarker: number }
  | { readonly receive: OpenFile; readonly restartMarker: number; readonly announcement?: string }
  | { readonly list: AsyncIterable<string>; readonly path: string }

/** The data connection of one transfer, there or awaited. */
export interface PendingConnection {
  readonly socket: Promise<Socket>
  /** It is there, and no socket has been made of it; asking for one makes it. */
  readonly raw?: RawConnection
  /** The TCP connection of it, once there is one. */
  plain(): Socket | undefined
  /** Gives up waiting: `socket` rejects. */
  close(): void
}

/**
 * One transfer, from its data connection to its final reply. It owns the socket and the file, settles once as
 * completed, aborted or failed, and has closed both before `completion` resolves (RFC 959 §5.1: close, then reply).
 */
export class Transfer {
  /** The reply that ends the command; never rejects. */
  readonly completion: Promise<FinalReply>
  /** The connection outlives the transfer: who has this one hangs up. */
  isKept = false
  readonly #record: TransferRecord
  readonly #stages: readonly Stage[]
  readonly #connection: PendingConnection
  readonly #seams: Seams | undefined
  readonly #controller = new AbortController()
  #progressMs: number
  #socket: Socket | undefined
  #verdict: FinalReply | undefined

  constructor(record: TransferRecord, connection: PendingConnection, stages: readonly Stage[]) {
    const { session } = record
    this.#record = record
    this.#connection = connection
    this.#seams = session.seams
    this.#stages = stages
    this.#progressMs = session.ioloop.now()
    this.completion = this.#run()
  }

  get direction(): 'sent' | 'received' {
    return this.#record.direction
  }

  /** Bytes over the wire so far. */
  get bytes(): number {
    return this.#record.bytes
  }

  get path(): string {
    return this.#record.path
  }

  get #session(): Session {
    return this.#record.session
  }

  /** It is known already how it ends. */
  get isGivenUp(): boolean {
    return this.#verdict !== undefined
  }

  /** Ends the transfer here and now with the given reply; resolves once all is closed. */
  abort(verdict: FinalReply): Promise<FinalReply> {
    this.#verdict ??= verdict
    this.#controller.abort()
    this.hangUp()
    return this.completion
  }

  /** Closes the connection. */
  hangUp(): void {
    this.#connection.close()
    this.#socket?.destroy()
  }

  async #run(): Promise<FinalReply> {
    let failure: unknown
    try {
      if (!(await this.#receivedAtOnce())) {
        this.#socket = await this.#connection.socket
        if (this.#verdict === undefined) await this.#whileWatched(() => this.#move())
      }
    } catch (error) {
      failure = error
    }
    this.#connection.raw?.close()
    if (!this.isKept) this.#socket?.destroy()
    try {
      await this.#record.file?.close()
    } catch (error) {
      failure ??= error
    }
    return this.#record.settle(failure, this.#verdict)
  }

  /** Whether a small upload is here whole, without a socket of Node's; where not, what has come of it counts. */
  async #receivedAtOnce(): Promise<boolean> {
    const { raw } = this.#connection
    const isPlain = this.#stages.length === 0 && this.#seams === undefined && this.#record.representation === 'I'
    if (raw === undefined || !isPlain || !('receive' in this.#record.route)) return false
    return receiveAtOnce(this.#record, raw, this.#progress)
  }

  /** The one place where the way for the bytes is chosen: direct for plain files and listings, else through the stages. */
  async #move(): Promise<void> {
    const { route } = this.#record
    const socket = this.#socket as Socket
    const { signal } = this.#controller
    const { options } = this.#session
    const seams = this.#seams
    const flow = seams && this.#flow(socket)
    const faults = (flow && seams.data?.(flow)) ?? []
    const ending = flow && seams.ending && (async () => (await seams.ending?.(flow)) === true)
    const isBare = this.#stages.length + faults.length === 0 && ending === undefined
    const isPlain = isBare && !('list' in route) && this.#record.representation === 'I'
    if (isPlain && (await this.#direct(route, socket))) return
    if (isBare && 'list' in route && !('encrypted' in socket))
      return sendTexts(socket, route.list, options.encoding, this.#progress)
    const way = { stages: this.#allStages(faults), signal, ...(ending && { ending }) }
    if ('list' in route) return sendThrough(this.#encoded(route.list), socket, way)
    if ('send' in route) return sendThrough(readChunks(route.send, options.sendBufferSize), socket, way)
    return receiveThrough(socket, route.receive, way)
  }

  /**
   * ASCII conversion stands next to the file: other stages see what is on the wire. What is counted is what crosses the
   * wire, whatever a fault makes of it.
   */
  #allStages(faults: readonly Stage[]): readonly Stage[] {
    const count = meter(this.#progress)
    if (this.direction === 'received') {
      const stages = [...this.#stages, count, ...faults]
      return this.#record.representation === 'I' ? stages : [...stages, fromAscii]
    }
    const stages = [...this.#stages, ...faults, count]
    return this.#record.representation === 'I' || 'list' in this.#record.route ? stages : [toAscii, ...stages]
  }

  /** This transfer, for who makes something of it. */
  #flow(socket: Socket): DataFlow {
    const { dataConnection } = this.#session
    const signal = untilGone(socket, this.#controller.signal)
    const plain = this.#connection.plain() ?? socket
    const { direction, path } = this
    const giveUp = (final = reply(426, 'Connection closed; transfer aborted.')) => {
      this.#verdict ??= final
      return this.#verdict
    }
    return {
      ...{ direction, path, size: this.#size(), socket, plain, signal },
      reset: async () => {
        const verdict = giveUp()
        // No standstill of the client's, whatever a manual clock says meanwhile.
        await dataConnection.holdBack(resetBehind(socket, plain), signal)
        void this.abort(verdict)
      },
      giveUp: (final) => void giveUp(final),
      keep: () => {
        this.isKept = (this.#verdict?.code ?? 226) === 226
        return this.isKept
      },
      hold: async (until) => {
        await dataConnection.holdBack(until, signal)
        // The client may be due for a look at this very moment.
        this.#progress(0)
      },
    }
  }

  /** The bytes that are to be sent, where it takes no conversion to know. */
  #size(): number | undefined {
    const { route } = this.#record
    return 'send' in route && this.#record.representation === 'I' ? route.send.size - route.restartMarker : undefined
  }

  /** `undefined` when the file or the socket is not of the kind that can go directly. */
  async #direct(route: Exclude<Route, { readonly list: unknown }>, socket: Socket): Promise<true | undefined> {
    const { handler, ioloop } = this.#session
    const { server } = handler
    const { sendBufferSize, receiveBufferSize, useSendfile } = server.options
    const common = { buffers: server.buffers, progress: this.#progress, turn: () => ioloop.turn() }
    if ('send' in route) {
      const { fd, size } = route.send
      if (fd === undefined) return undefined
      socket.resume()
      const file = { fd, size, start: route.restartMarker + this.bytes }
      const use = useSendfile && !('encrypted' in socket) ? this.#sendfileUse() : undefined
      await sendDirect(socket, file, { ...common, bufferSize: sendBufferSize }, use)
      return true
    }
    const { fd, appends } = route.receive
    if (fd === undefined) return undefined
    const file = { fd, start: appends ? null : route.restartMarker + this.bytes }
    const done = receiveDirect(socket, file, { ...common, bufferSize: receiveBufferSize })
    if (done === undefined) return undefined
    await done
    return true
  }

  #sendfileUse(): SendfileUse {
    const { handler } = this.#session
    const onRefused = (errorName: string) => {
      if (handler.server.sendfileRefused) return
      handler.server.sendfileRefused = true
      handler.emit({ type: 'debug', message: `sendfile(2) was refused with ${errorName}; files go by buffers then` })
    }
    return { onRefused }
  }

  async *#encoded(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
    for await (const text of texts) yield encodeText(text, this.#session.options.encoding)
  }

  readonly #progress = (bytes: number): void => {
    this.#record.bytes += bytes
    this.#progressMs = this.#session.ioloop.now()
  }

  /** Ends the session when nothing moves for `dataTimeout`. */
  async #whileWatched(work: () => Promise<void>): Promise<void> {
    const { ioloop, options } = this.#session
    const limitMs = options.dataTimeout
    if (limitMs === 0) return work()
    const look = () => {
      if (this.#session.dataConnection.isHoldingBack) this.#progressMs = ioloop.now()
      const restMs = this.#progressMs + limitMs - ioloop.now()
      if (restMs > 0) watch = ioloop.callLater(restMs, look)
      else void this.abort(reply(421, 'Data connection timed out.'))
    }
    this.#progressMs = ioloop.now()
    let watch = ioloop.callLater(limitMs, look)
    try {
      await work()
    } finally {
      watch.cancel()
    }
  }
}

/** Closes the file of a route that nothing goes. */
export async function closeFile(route: Route): Promise<void> {
  if ('send' in route) await route.send.close()
  if ('receive' in route) await route.receive.close()
}
