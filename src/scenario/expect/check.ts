import { checkCommands } from './commands.ts'
import type { Evidence } from './evidence.ts'
import type { Failure } from './failure.ts'
import { checkFiles } from './files.ts'
import type { CheckedExpectation } from './schema.ts'
import { checkQuit, checkSessions, checkWithin } from './sessions.ts'
import { checkTransfers } from './transfers.ts'

/** All that was expected and did not come true. */
export async function checkExpectation(expected: CheckedExpectation, evidence: Evidence): Promise<Failure[]> {
  const { commands = [], transfers = [], files = {}, sessions, quit, within } = expected
  return [
    ...checkCommands(commands, evidence),
    ...(await checkTransfers(transfers, evidence)),
    ...(await checkFiles(files, evidence)),
    ...(sessions === undefined ? [] : checkSessions(sessions, evidence)),
    ...(quit === undefined ? [] : checkQuit(quit, evidence)),
    ...(within === undefined ? [] : checkWithin(within, evidence)),
  ]
}
