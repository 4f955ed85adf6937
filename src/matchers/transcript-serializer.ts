import type { FtpHandle } from '../fixture/handle.ts'
import { isTranscript, type Transcript } from '../fixture/transcript.ts'
import { isHandle } from './handle.ts'
import { stableDialogue } from './stable-dialogue.ts'

/** A serializer for snapshots of vitest and jest: a transcript, or a server's, is its dialogue without what varies. */
export const transcriptSerializer: {
  test(value: unknown): boolean
  serialize(value: unknown): string
} = {
  test: (value) => isTranscript(value) || isHandle(value),
  serialize: (value) => stableDialogue(value as Transcript | FtpHandle),
}
