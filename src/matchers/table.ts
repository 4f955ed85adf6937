import { judgeFile } from './file.ts'
import { judgeNoOpenSessions } from './no-open-sessions.ts'
import { judgeReceived } from './received.ts'
import { judgeReceivedInOrder } from './received-in-order.ts'
import { judgeSatisfied } from './satisfied.ts'
import { judgeTransferred } from './transferred.ts'

/** The matchers that answer at once, of what is on record. */
export const immediate = { toHaveReceived: judgeReceived, toHaveReceivedInOrder: judgeReceivedInOrder }

/** The matchers that may have to wait: for transfers and sessions to end, and for files to be read. */
export const awaited = {
  toHaveTransferred: judgeTransferred,
  toHaveFile: judgeFile,
  toHaveNoOpenSessions: judgeNoOpenSessions,
  toHaveSatisfied: judgeSatisfied,
}

export type ImmediateName = keyof typeof immediate
export type AwaitedName = keyof typeof awaited
