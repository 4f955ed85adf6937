import type { FtpHandle } from '../fixture/handle.ts'
import { IOLoop } from '../ioloop/ioloop.ts'
import { rejectUnknownKeys } from '../options/check.ts'
import { type Duration, parseDuration } from '../options/units.ts'
import type { Mark } from '../scenario/expect/failure.ts'
import { counted } from '../scenario/words.ts'
import { checkCount, isFilled } from './arguments.ts'
import { explained } from './explained.ts'
import type { Judge, Verdict } from './judge.ts'

/** How long sessions may take to end. */
export interface NoOpenSessionsOptions {
  /** How long clients that have just left are waited for, in real time. Default: '1s'. */
  timeout?: Duration
}

const NAME = 'toHaveNoOpenSessions'
/** How long between two looks: a session ends when all that it held has been let go, of which no event tells. */
const INTERVAL_MS = 5

/** Whether every session has ended. Waits for them to; where they should be open, what counts is how they are now. */
export const judgeNoOpenSessions: Judge<Promise<Verdict>> = async (ftp, args, { isNot }) => {
  checkCount(NAME, args, 0, 1)
  const options = isFilled(args.length > 0 ? args[0] : {}, `${NAME}: options`)
  rejectUnknownKeys(options, ['timeout'], `option of ${NAME}`)
  const timeoutMs = parseDuration(options.timeout ?? '1s', `${NAME}: timeout`)
  const open = await openSessions(ftp, isNot ? 0 : timeoutMs)
  const explain = () => explained(sentenceOn(open, isNot ? 0 : timeoutMs), marksOf(open, ftp), ftp)
  return { pass: open.length === 0, explain, actual: open, expected: [] }
}

/** The numbers of the sessions that are open still when the time is up. */
async function openSessions(ftp: FtpHandle, timeoutMs: number): Promise<number[]> {
  const ioloop = new IOLoop()
  const endMs = ioloop.now() + timeoutMs
  for (;;) {
    await ioloop.turn()
    const open = ftp.sessions.map(({ session }) => session)
    const leftMs = endMs - ioloop.now()
    if (open.length === 0 || leftMs <= 0) return open
    await ioloop.sleep(Math.min(leftMs, INTERVAL_MS))
  }
}

function sentenceOn(open: readonly number[], timeoutMs: number): string {
  if (open.length === 0) return 'No session is open.'
  const which = `${open.length === 1 ? 'is' : 'are'} open: ${open.join(', ')}`
  return `${counted(open.length, 'session')} ${which}${timeoutMs > 0 ? `, still so after ${timeoutMs} ms` : ''}.`
}

function marksOf(open: readonly number[], { transcript: { events } }: FtpHandle): Mark[] {
  if (open.length > 0) {
    return open.map((id) => ({
      text: `session ${id} is still open`,
      event: events.findLast(({ session, type }) => session === id && type !== 'debug'),
      side: 'behind',
    }))
  }
  const last = events.findLast(({ type }) => type === 'disconnect')
  return last === undefined ? [] : [{ text: 'ended, though it should not have', event: last, side: 'behind' }]
}
