import type { OpenFile } from '../filesystems/open-file.ts'
import { type FinalReply, reply } from '../protocol/reply.ts'
import { isExpected, replyForError } from './error-reply.ts'
import type { TransferOutcome } from './events.ts'
import type { Session } from './session.ts'
import type { Route } from './transfer.ts'

/** What a transfer is of, as it was asked for, and what is said and told of it when it has ended. */
export class TransferRecord {
  readonly session: Session
  readonly route: Route
  readonly direction: 'sent' | 'received'
  readonly file: OpenFile | undefined
  readonly representation: 'A' | 'I'
  /** Bytes over the wire so far. */
  bytes = 0
  /** Of the user who asked: another one may be logged in by the end. */
  readonly #hostPath: string
  readonly #verb: string
  readonly #startedMs: number

  constructor(session: Session, route: Route) {
    this.session = session
    this.route = route
    this.direction = 'receive' in route ? 'received' : 'sent'
    this.file = fileOf(route)
    this.representation = 'list' in route ? 'A' : session.type
    this.#hostPath = this.file === undefined ? '' : session.fs.ftp2fs(this.file.path)
    this.#verb = session.verb
    this.#startedMs = session.ioloop.now()
  }

  get path(): string {
    return 'list' in this.route ? this.route.path : (this.file?.path ?? '')
  }

  /** Tells how the transfer ended, by a failure or by the verdict of who aborted it perhaps; gives the final reply. */
  settle(failure: unknown, verdict?: FinalReply): FinalReply {
    const { session } = this
    if (this.direction === 'sent') session.bytesSent += this.bytes
    else session.bytesReceived += this.bytes
    const outcome = verdict ? 'aborted' : failure === undefined ? 'completed' : 'failed'
    const final = verdict ?? (failure === undefined ? reply(226, 'Transfer complete.') : replyForError(failure))
    if (outcome === 'failed' && !isExpected(failure)) session.handler.report(failure)
    this.#tell(outcome, final)
    return this.file === undefined ? final : { ...final, afterwards: () => this.#callback(outcome) }
  }

  #tell(outcome: TransferOutcome, final: FinalReply): void {
    const { handler, ioloop } = this.session
    handler.emit({
      type: 'transfer',
      verb: this.#verb,
      direction: this.direction,
      path: this.path,
      bytes: this.bytes,
      restartMarker: 'list' in this.route ? 0 : this.route.restartMarker,
      representation: this.representation,
      outcome,
      ...(outcome !== 'completed' && { reason: reasonOf(final) }),
      durationMs: ioloop.now() - this.#startedMs,
    })
  }

  #callback(outcome: TransferOutcome): void | Promise<void> {
    const { handler } = this.session
    const sent = this.direction === 'sent'
    const paths = [this.path, this.#hostPath] as const
    if (outcome === 'completed') return sent ? handler.onFileSent(...paths) : handler.onFileReceived(...paths)
    return sent ? handler.onIncompleteFileSent(...paths) : handler.onIncompleteFileReceived(...paths)
  }
}

function reasonOf({ code, lines: [text = ''] }: FinalReply): string {
  return code === 226 ? 'Cut short, though the reply says complete.' : text
}

function fileOf(route: Route): OpenFile | undefined {
  if ('list' in route) return undefined
  return 'send' in route ? route.send : route.receive
}
