import type { FtpHandle } from '../fixture/handle.ts'
import { FtpFixtureError } from '../options/error.ts'
import { checkCommands, foundInOrder } from '../scenario/expect/commands.ts'
import type { Mark } from '../scenario/expect/failure.ts'
import { loadExpectation } from '../scenario/load.ts'
import { listed } from '../scenario/words.ts'
import { checkCount, reading } from './arguments.ts'
import { EXTRA, explained } from './explained.ts'
import type { Judge, Verdict } from './judge.ts'
import { ownVerbs } from './verbs.ts'

const NAME = 'toHaveReceivedInOrder'

/** Whether commands came in an order; others may stand between. */
export const judgeReceivedInOrder: Judge<Verdict> = (ftp, args) => {
  checkCount(NAME, args, 1, 1)
  const patterns = checkedPatterns(args[0], ftp)
  const { events } = ftp.transcript
  const came = ftp.transcript.commands()
  const found = foundInOrder(patterns, came)
  const pass = found.length === patterns.length
  const explain = () => {
    if (pass) {
      const marks = found.map((event): Mark => ({ text: EXTRA, event, side: 'behind' }))
      return explained(`${listed(patterns)} came in this order.`, marks, ftp)
    }
    const [failure] = checkCommands([{ inOrder: [...patterns] }], { ...NO_FILES, events })
    return explained(failure?.problem ?? '', failure?.marks ?? [], ftp)
  }
  return { pass, explain, actual: came.map(({ line }) => line), expected: patterns }
}

/** Of commands in an order no file is asked for. */
const NO_FILES = { file: async () => undefined, fileOf: async () => undefined }

function checkedPatterns(given: unknown, ftp: FtpHandle): readonly string[] {
  const isList = Array.isArray(given)
  if (!isList)
    throw new FtpFixtureError(
      'ERR_OPTION_INVALID',
      `${NAME}: expected a list of commands, such as ['USER', 'RETR *.bin']`,
    )
  const expectation = { commands: { inOrder: given as string[] } }
  reading(NAME, 'commands.inOrder', () => loadExpectation(expectation, { verbs: ownVerbs(ftp) }))
  return given as string[]
}
