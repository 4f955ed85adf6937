import { oneOf } from '../../options/check.ts'
import { loadScenario } from '../../scenario/load.ts'
import type { CommandLine } from '../command-line.ts'
import { UsageError } from '../errors.ts'
import { duration, number } from '../flag-values.ts'
import { chosenScenarios } from '../scenario-names.ts'
import { serverOptions } from '../server-options.ts'
import { stopRequest } from '../stop-request.ts'
import { removeTemporaryAtExit } from '../temporary-file.ts'
import { wantsColour } from '../terminal.ts'
import { TIME_LIMIT } from './flags.ts'
import { type PlayAllRequest, playAll } from './play-all.ts'
import { Progress } from './progress.ts'
import { hasPassed, type RunReport } from './report.ts'
import { Reports } from './reporters.ts'

const INTERRUPTED = 130

/** Runs a command under scenarios, each on a server of its own, and reports; gives the exit status. */
export async function run(line: CommandLine): Promise<number> {
  const request = requestFrom(line)
  const { command, scenarios } = request
  const shown = oneOf('failed', 'all', 'none')(line.given.get('output') ?? 'failed', '--output')
  const reports = new Reports(line.lists.get('reporter') ?? [], process.env)
  await removeTemporaryAtExit()
  const aside = reports.ownsOutput ? process.stderr : process.stdout
  const progress = new Progress(aside, command, scenarios.length, { colour: wantsColour(aside, process.env), shown })
  const interruption = new AbortController()
  void stopRequest((text) => process.stderr.write(text)).then(() => interruption.abort())
  const report = await played(request, progress, interruption.signal)
  progress.end(report)
  reports.write(report, shown)
  if (report.interrupted) return INTERRUPTED
  return hasPassed(report) ? 0 : 1
}

type RunRequest = Omit<PlayAllRequest, 'interrupted'>

function requestFrom(line: CommandLine): RunRequest {
  const { given, command, operands } = line
  const scenarios = chosenScenarios(operands)
  const jobs = number(1)(given.get('jobs') ?? '1', '--jobs')
  const server = serverOptions(line)
  if (jobs > 1 && server.port) throw new UsageError('--port and --jobs exclude each other: servers cannot share a port')
  const timeoutMs = duration(given.get('timeout') ?? TIME_LIMIT, '--timeout')
  // A scenario that is wrong is to be told before an hour of others has passed.
  for (const scenario of scenarios) loadScenario(scenario)
  return { command, scenarios, server, timeoutMs, jobs, bail: given.has('bail') }
}

async function played(request: RunRequest, progress: Progress, interrupted: AbortSignal): Promise<RunReport> {
  const { command, scenarios } = request
  const startedAt = new Date()
  const began = performance.now()
  try {
    const results = await playAll({
      ...request,
      interrupted,
      onBegin: (scenario) => progress.begin(scenario),
      onResult: (result) => progress.result(result),
    })
    const wasPlayed = new Set(results.map(({ scenario }) => scenario))
    return {
      command,
      results,
      notPlayed: scenarios.filter((scenario) => !wasPlayed.has(scenario)),
      interrupted: interrupted.aborted,
      startedAt,
      durationMs: performance.now() - began,
    }
  } catch (error) {
    progress.clear()
    throw error
  }
}
