import type { EventOf, FtpEvent } from '../../handlers/events.ts'

/** What is there of a file, for what is expected of it. */
export interface FileEvidence {
  readonly isDirectory: boolean
  readonly size: number
  content(): Promise<Buffer>
  sha256(): Promise<string>
}

/** What expectations are held against. */
export interface Evidence {
  readonly events: readonly FtpEvent[]
  /** The file at a path under the root; `undefined` where there is none. */
  file(path: string): Promise<FileEvidence | undefined>
  /** The file that a transfer was about. */
  fileOf(transfer: EventOf<'transfer'>): Promise<FileEvidence | undefined>
}

/** The sessions that did something, by their numbers on the time line: one that merely ended is of an earlier time. */
export function activeSessions({ events }: Evidence): readonly number[] {
  const ids = events.flatMap(({ type, session }) => (type === 'connect' || type === 'command' ? [session] : []))
  return [...new Set(ids)]
}
