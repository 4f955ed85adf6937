import { loadScenario } from '../../scenario/load.ts'
import type { CommandLine } from '../command-line.ts'
import { duration, number } from '../flag-values.ts'
import { chosenScenarios } from '../scenario-names.ts'
import { serverOptions } from '../server-options.ts'
import { stopRequest } from '../stop-request.ts'
import { removeTemporaryAtExit } from '../temporary-file.ts'
import { TIME_LIMIT } from './flags.ts'
import { playAll } from './play-all.ts'

/** Runs a command under scenarios, each on a server of its own; gives the exit status. */
export async function run(line: CommandLine): Promise<number> {
  const { given, command } = line
  const scenarios = chosenScenarios(line.operands)
  const request = {
    command,
    scenarios,
    server: serverOptions(line),
    timeoutMs: duration(given.get('timeout') ?? TIME_LIMIT, '--timeout'),
    jobs: number(1)(given.get('jobs') ?? '1', '--jobs'),
    bail: given.has('bail'),
  }
  // A scenario that is wrong is to be told before an hour of others has passed.
  for (const scenario of scenarios) loadScenario(scenario)
  await removeTemporaryAtExit()
  const interruption = new AbortController()
  void stopRequest((text) => process.stderr.write(text)).then(() => interruption.abort())
  const results = await playAll({ ...request, interrupted: interruption.signal })
  if (interruption.signal.aborted) return 130
  return results.length === scenarios.length && results.every(({ passed }) => passed) ? 0 : 1
}
