import type { OptionChanges, ServerOptions } from './options.ts'
import type { PortableError } from './portable-event.ts'
import type { Answer, Report } from './superior.ts'

/** Both ends of a control connection, for a worker that has no socket to ask. */
export interface Addresses {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
}

/** The control connection of a thread as it goes from the socket to the thread. */
export type Inbound =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** What was written last is with the kernel. */
  | { readonly type: 'written' }
  | { readonly type: 'end' }
  | { readonly type: 'closed'; readonly error: PortableError | undefined }

/** The control connection of a thread as it goes from the thread to the socket. */
export type Outbound =
  /** There is room for more bytes. */
  | { readonly type: 'read' }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'end' }
  | { readonly type: 'destroy' }

/** What a worker is told. */
export type ToWorker =
  | { readonly type: 'start'; readonly module: string; readonly data: unknown; readonly options: ServerOptions }
  /** The connection comes with the message, or its addresses do and its bytes follow. */
  | { readonly type: 'serve'; readonly id: number; readonly addresses?: Addresses; readonly early?: Uint8Array }
  | { readonly type: 'configure'; readonly changes: OptionChanges }
  | { readonly type: 'close' }
  | Answer
  | Inbound

/** What a worker tells. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: PortableError }
  /** Its session is over, and all that it set off. */
  | { readonly type: 'done' }
  /** It will end at once, of an error that nobody caught. */
  | { readonly type: 'crash'; readonly error: PortableError }
  | Report
  | Outbound
