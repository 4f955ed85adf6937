import { posix } from 'node:path'
import type { FtpHandle } from '../fixture/handle.ts'
import { invalidOption, rejectUnknownKeys } from '../options/check.ts'
import type { Expectation } from '../scenario/expect/schema.ts'
import { flawOf } from '../scenario/glob.ts'
import { loadExpectation } from '../scenario/load.ts'
import { checkCount, isFilled, reading } from './arguments.ts'
import type { Judge, Verdict } from './judge.ts'
import { ownVerbs } from './verbs.ts'
import { missedBy, ofOnePart } from './verified.ts'

/** What a transfer is to be like, beside what it was of. */
export type TransferExpectation = Omit<NonNullable<Expectation['transfers']>[number], 'path'>

type Expected = NonNullable<Expectation['transfers']>[number]

const NAME = 'toHaveTransferred'
const KEYS = ['verb', 'direction', 'complete', 'bytes', 'sha256', 'resumed', 'times']

/** Whether a file was transferred, and how. */
export const judgeTransferred: Judge<Promise<Verdict>> = async (ftp, args, { isNot }) => {
  checkCount(NAME, args, 1, 2)
  const expected = checkedTransfer(args[0], args.length > 1 ? args[1] : {}, ftp)
  const missed = await missedBy(ftp, { transfers: [expected] })
  // What should not have been is marked where none is expected.
  const extra = missed ?? (isNot ? await missedBy(ftp, { transfers: [{ ...expected, times: 0 }] }) : undefined)
  const actual = ftp.transcript.transfers()
  return { pass: missed === undefined, explain: () => ofOnePart(extra ?? nothing(expected)), actual, expected }
}

function nothing({ path, times }: Expected): string {
  return `\n- transfers: there was no transfer of ${path}, as times: ${JSON.stringify(times)} allows.`
}

function checkedTransfer(path: unknown, traits: unknown, ftp: FtpHandle): Expected {
  const given = isFilled(traits, `${NAME}: expected`)
  rejectUnknownKeys(given, KEYS, `option of ${NAME}`)
  const expected: Expected = { ...given, path: globFor(path) }
  reading(NAME, 'transfers[0]', () => loadExpectation({ transfers: [expected] }, { verbs: ownVerbs(ftp) }))
  return expected
}

/** The glob for a path that may be given without its first slash, as `./pub/` or the like, and need not be a glob. */
function globFor(path: unknown): string {
  if (typeof path !== 'string' || path === '')
    throw invalidOption(`${NAME}: path`, path, "a path, such as 'pub/hello.txt'")
  const given = posix.normalize(path).replace(/(?<=.)\/$/, '')
  const absolute = /^(\{|[!@+?*]\()?(\/|\*\*)/.test(given) ? given : posix.join('/', given)
  return flawOf(absolute) === undefined ? absolute : absolute.replace(/[\\*?[\]{}()!+@]/g, '\\$&')
}
