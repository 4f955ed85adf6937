import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Command } from './command.ts'
import { contentOf, type DataEnd } from './data-plan.ts'
import type { ModelFiles } from './model-files.ts'
import type { Opening } from './opening.ts'

/** Thrown where the client cannot know how much of an upload has come, and has said already what else to do with files. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive'
}

const CR = Buffer.from('\r')

/** What changes a file's bytes, or its place. */
const CHANGING = new Set(['STOR', 'APPE', 'DELE', 'RNTO'])

/** Where the files are, and what the server may be doing with them by now. */
interface Ground {
  readonly files: ModelFiles
  readonly root: string
  readonly unanswered: readonly Command[]
}

/**
 * Holds what an upload has left on the disk against what was sent: all of it behind a 226, else a part from the start. The
 * model takes over what it found, since how much of it came is nobody's to know.
 */
export function settleUpload(
  { file, offset = 0, type, verb }: Opening,
  { plan: { sends, ends, connects }, isCutShort, isRefusingTls }: DataEnd,
  isComplete: boolean,
  { files, root, unanswered }: Ground,
): void {
  if (file === undefined) return
  if (isComplete && (ends === 'not' || ends === 'rst' || connects === 'never' || isCutShort || isRefusingTls))
    throw new Error(`${verb}: 226 without an end`)
  const content = contentOf(sends)
  const sent = type === 'I' ? content : Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
  const before = file.content
  const whole = onto(before, offset, sent)
  const at = files.pathOf(file)
  // Removed meanwhile: nobody can know any more.
  if (at === undefined) return
  if (unanswered.some(({ verb }) => CHANGING.has(verb))) {
    if (!isComplete) throw new Inconclusive()
    file.content = whole
    return
  }
  const found = readFileSync(path.join(root, at))
  if (isComplete && !found.equals(whole)) {
    throw new Error(`${verb}: 226, but there are ${found.length} bytes, others than the ${whole.length} that should be`)
  }
  if (!isPart(found, before, offset, sent)) throw new Error(`${verb}: ${found.length} bytes that were never sent`)
  file.content = found
}

function onto(before: Buffer, offset: number, sent: Buffer): Buffer {
  return Buffer.concat([before.subarray(0, offset), sent, before.subarray(offset + sent.length)])
}

/** Whether a file is what it was before with some first bytes of what was sent, a CR whose LF did not come perhaps. */
function isPart(found: Buffer, before: Buffer, offset: number, sent: Buffer): boolean {
  let count = 0
  while (count < sent.length && found[offset + count] === sent[count]) count++
  const part = sent.subarray(0, count)
  return found.equals(onto(before, offset, part)) || found.equals(onto(before, offset, Buffer.concat([part, CR])))
}
