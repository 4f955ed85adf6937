import type { FtpHandle } from '../fixture/handle.ts'
import { markedDialogue } from '../fixture/marked-dialogue.ts'
import type { Mark } from '../scenario/expect/failure.ts'

/** What marks a line that should not be there. */
export const EXTRA = 'received, though it should not have been'

/** A sentence on what is the case, and the dialogue with marks. */
export function explained(sentence: string, marks: readonly Mark[], { transcript }: FtpHandle): string {
  return `${sentence}\n\nWhat happened was:\n${markedDialogue(transcript.events, marks)}`
}
