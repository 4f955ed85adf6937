import { removeTemporaryAtExit } from '../../harness/temporary-file.ts'
import { oneOf } from '../../options/check.ts'
import { loadScenario } from '../../scenario/load.ts'
import type { CommandLine } from '../command-line.ts'
import { UsageError } from '../errors.ts'
import { duration, number } from '../flag-values.ts'
import { chosenScenarios } from '../scenario-names.ts'
import { serverOptions } from '../server-options.ts'
import { stopRequest } from '../stop-request.ts'
import { wantsColour } from '../terminal.ts'
import { TIME_LIMIT } from './flags.ts'
import type { PlayResult } from './play.ts'
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
  if (report.error === undefined) progress.end(report)
  else progress.clear()
  reports.write(report, shown)
  if (report.error !== undefined) throw report.error
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
  const results = new Map<string, PlayResult>()
  const onResult = (result: PlayResult) => {
    results.set(result.scenario, result)
    progress.result(result)
  }
  const onBegin = (scenario: string) => progress.begin(scenario)
  const failure = await playAll({ ...request, interrupted, onBegin, onResult }).then(() => ({}), errorFrom)
  return {
    command,
    results: scenarios.flatMap((scenario) => results.get(scenario) ?? []),
    notPlayed: scenarios.filter((scenario) => !results.has(scenario)),
    interrupted: interrupted.aborted,
    ...failure,
    startedAt,
    durationMs: performance.now() - began,
  }
}

/** What was played before is to be reported all the same. */
function errorFrom(error: unknown): Pick<RunReport, 'error'> {
  return { error: error instanceof Error ? error : new Error(String(error)) }
}
