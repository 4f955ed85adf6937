import type { FtpHandle } from '../fixture/handle.ts'
import { isTranscript, type Transcript } from '../fixture/transcript.ts'
import { isHandle } from './handle.ts'
import { stableDialogue } from './stable-dialogue.ts'

/** What vitest and jest want of a serializer for snapshots. */
export interface TranscriptSerializer {
  test(value: unknown): boolean
  serialize(value: unknown, config?: unknown, indentation?: string): string
}

/** A serializer for snapshots of vitest and jest: a transcript, or a server's, is its dialogue without what varies. */
export const transcriptSerializer: TranscriptSerializer = {
  test: (value) => isTranscript(value) || isHandle(value),
  serialize: (value, _config, indentation = '') =>
    stableDialogue(value as Transcript | FtpHandle)
      .trimEnd()
      .replace(/\n(?!\n)/g, `\n${indentation}`),
}
