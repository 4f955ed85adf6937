import { isUtf8 } from 'node:buffer'
import { types } from 'node:util'
import type { FtpHandle } from '../fixture/handle.ts'
import type { EventOf } from '../handlers/events.ts'
import { invalidOption } from '../options/check.ts'
import type { Mark } from '../scenario/expect/failure.ts'
import { differenceFrom } from '../scenario/expect/files.ts'
import { counted, listed, shortened } from '../scenario/words.ts'
import { type AsymmetricMatcher, checkCount, isAsymmetricMatcher, isDescribedBy, isRegExp } from './arguments.ts'
import { explained } from './explained.ts'
import type { Inquiry, Judge, Verdict } from './judge.ts'
import { printed } from './printed.ts'
import { missedBy } from './verified.ts'

/** What a file is to hold: this text or these bytes; text that it describes, or that the runner's matcher takes. */
export type FileContent = string | Uint8Array | RegExp | AsymmetricMatcher

/** Says what of a file's bytes is not as expected, if anything. */
type Comparison = (found: Buffer) => string | undefined

const NAME = 'toHaveFile'
/** What of contents there is a point in comparing line by line. */
const MOST_COMPARED = 10_000

/** Whether there is a file, and what is in it. */
export const judgeFile: Judge<Promise<Verdict>> = async (ftp, args, inquiry) => {
  checkCount(NAME, args, 1, 2)
  const path = checkedPath(args[0])
  const content = args[1]
  const compare: Comparison = args.length > 1 ? comparison(content, inquiry) : () => undefined
  const found = await fileAt(path, ftp)
  const problem = typeof found === 'string' ? found : compare(found)
  const writer = ftp.transcript.transfers().findLast((transfer) => transfer.path === path && isUpload(transfer))
  const explain = () =>
    explained(sentenceOn(path, problem, found), marksOf(path, found, problem === undefined, writer), ftp)
  return { pass: problem === undefined, explain, ...compared(found, content) }
}

function checkedPath(path: unknown): string {
  if (typeof path === 'string' && path !== '') return path.startsWith('/') ? path : `/${path}`
  throw invalidOption(`${NAME}: path`, path, "a path, such as 'pub/hello.txt'")
}

/** The bytes of a file, once transfers under way are over; or why there are none. */
async function fileAt(path: string, ftp: FtpHandle): Promise<Buffer | string> {
  const { files } = ftp
  const missed = await missedBy(ftp, { files: { [path]: true } })
  if (missed === undefined) {
    const isDirectory = await files.list(path).then(
      () => true,
      () => false,
    )
    return isDirectory ? 'is a directory, not a file' : files.read(path)
  }
  const directory = path.slice(0, path.lastIndexOf('/')) || '/'
  const names = await files.list(directory).catch(() => undefined)
  if (names === undefined) return `does not exist, and there is no directory ${directory}`
  const there = names.length === 0 ? 'is empty' : `has ${listed(names.map((name) => shortened(name)))}`
  return `does not exist; ${directory} ${there}`
}

function comparison(expected: unknown, { equals }: Inquiry): Comparison {
  if (typeof expected === 'string') return (found) => differenceOf(Buffer.from(expected), found)
  // Of another realm, perhaps, as jest's test files have one each.
  if (types.isUint8Array(expected)) return (found) => differenceOf(Buffer.from(expected), found)
  if (isRegExp(expected)) return (found) => misfit(isDescribedBy(String(found), expected), found, expected)
  if (isAsymmetricMatcher(expected)) return (found) => misfit(equals(String(found), expected), found, expected)
  const wanted = 'a string, bytes (Uint8Array), a regular expression or an asymmetric matcher'
  throw invalidOption(`${NAME}: content`, expected, wanted)
}

function differenceOf(expected: Buffer, found: Buffer): string | undefined {
  return differenceFrom(expected, found)?.replace(/^it |\.$/g, '')
}

function misfit(fits: boolean, found: Buffer, expected: object): string | undefined {
  return fits ? undefined : `holds ${printed(String(found))}, which is not ${printed(expected)}`
}

function isUpload({ direction }: EventOf<'transfer'>): boolean {
  return direction === 'received'
}

function sentenceOn(path: string, problem: string | undefined, found: Buffer | string): string {
  return `${path} ${problem ?? `is there, with ${counted(found.length, 'byte')}`}.`
}

function marksOf(path: string, found: Buffer | string, pass: boolean, writer: EventOf<'transfer'> | undefined): Mark[] {
  if (writer !== undefined) {
    const text = pass ? 'written, though it should not have been' : 'expected: other content'
    return [{ text, event: writer, side: 'behind' }]
  }
  return typeof found === 'string' ? [{ text: `expected by here: a file ${path}`, side: 'behind' }] : []
}

/** What runners show side by side; what is long, or no text, has been told already. */
function compared(found: Buffer | string, content: unknown): Pick<Verdict, 'actual' | 'expected'> {
  if (typeof found === 'string') return { actual: undefined, expected: content }
  const isShort = typeof content === 'string' && Math.max(found.length, content.length) <= MOST_COMPARED
  return { actual: isShort && isUtf8(found) ? String(found) : undefined, expected: content }
}
