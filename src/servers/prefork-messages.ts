import type { FtpEvent } from '../handlers/events.ts'
import type { LostSessions } from './lost-sessions.ts'
import type { OptionChanges } from './options.ts'
import type { PortableError } from './portable-event.ts'
import type { Answer, Report } from './superior.ts'

/** Where the workers listen. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What a worker process tells the first one. */
export type Upward =
  | Report
  | { readonly type: 'listening'; readonly address: Address }
  | { readonly type: 'failed'; readonly error: PortableError }
  /** Who was there already when somebody began to hear who comes and goes. */
  | { readonly type: 'sessions'; readonly open: LostSessions['open'] }
  /** What is used of a lease that was called in; the rest is given back. */
  | { readonly type: 'returned'; readonly sessions: readonly (readonly [number, string])[]; readonly data: number }
  /** How many leased places data connections use, and the number of the latest session. */
  | { readonly type: 'used'; readonly data: number; readonly latest: number }

/** What the first process tells a worker process. */
export type Downward =
  | Answer
  | { readonly type: 'recall' }
  | { readonly type: 'hear'; readonly types: readonly FtpEvent['type'][] }
  | { readonly type: 'configure'; readonly changes: OptionChanges }
  | { readonly type: 'close'; readonly all: boolean }

/** The name under which messages travel, beside those that a program sends its workers itself. */
export type Wrapped<T> = { readonly ftpFixture?: T }

/** What a worker process starts with: how to number its sessions, and the types of event to tell. */
export interface SeatStart {
  readonly first: number
  readonly step: number
  readonly heard: readonly FtpEvent['type'][]
}

/** The variable of the environment that has it. */
export const SEAT = 'FTP_FIXTURE_SEAT'
