import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { removeTemporaryAtExit } from '../../harness/temporary-file.ts'
import { type LoadedScenario, loadScenario } from '../../scenario/load.ts'
import type { CommandLine } from '../command-line.ts'
import { UsageError } from '../errors.ts'
import { duration, number } from '../flag-values.ts'
import { playAll } from '../run/play-all.ts'
import { chosenScenarios } from '../scenario-names.ts'
import { stopRequest } from '../stop-request.ts'
import { badge } from './badge.ts'
import { type Baseline, playBaseline } from './baseline.ts'
import { TIME_LIMIT } from './flags.ts'
import { asMarkdown } from './markdown.ts'
import { Progress } from './progress.ts'
import { asJson, type ScenarioScore, type Scorecard, scorecard } from './scorecard.ts'
import { asText } from './text.ts'
import { judge } from './verdict.ts'

/** What a scorecard can be written as, by the option that asks for it. */
const FORMATS: Readonly<Record<string, (card: Scorecard) => string>> = {
  json: asJson,
  markdown: asMarkdown,
  badge: ({ client, score }) => badge(client, score),
}

/** Plays scenarios with a client and prints its scorecard; gives the exit status. */
export async function check(line: CommandLine): Promise<number> {
  const { given, command, operands } = line
  if (Object.keys(FORMATS).filter((flag) => given.get(flag) === '-').length > 1) {
    throw new UsageError('only one of --json, --markdown and --badge can have standard output')
  }
  const least = number(0, 100)(given.get('min') ?? '100', '--min')
  const timeoutMs = duration(given.get('timeout') ?? TIME_LIMIT, '--timeout')
  const jobs = given.has('jobs') ? number(1)(given.get('jobs') ?? '', '--jobs') : Math.max(2, availableParallelism())
  const scenarios = new Map(chosenScenarios(operands).map((name) => [name, loadScenario(name)]))
  // A file that cannot be written is to be told before all is played, and not after.
  for (const { flag, file } of filesWanted(line)) await writeTo(file, '', flag)
  await removeTemporaryAtExit()
  const interruption = new AbortController()
  void stopRequest((text) => process.stderr.write(text)).then(() => interruption.abort())
  const request: Request = { command, timeoutMs, jobs, interrupted: interruption.signal }
  const scores = await scoresOf(scenarios, request)
  if (scores === undefined) return 130
  const card = scorecard(given.get('name') ?? path.basename(command[0] ?? ''), scores)
  await write(card, line)
  return card.score >= least ? 0 : 1
}

interface Request {
  readonly command: readonly string[]
  readonly timeoutMs: number
  readonly jobs: number
  readonly interrupted: AbortSignal
}

/** Judges a client under each scenario; nothing when it was interrupted. */
async function scoresOf(
  scenarios: ReadonlyMap<string, LoadedScenario>,
  request: Request,
): Promise<ScenarioScore[] | undefined> {
  const needsTls = [...scenarios.values()].some(({ options }) => options.tls)
  const baseline = await playBaseline({ ...request, server: {} }, needsTls)
  const progress = new Progress(scenarios.size, process.stderr)
  const scores = new Map<string, ScenarioScore>()
  const keep = (name: string, score: ScenarioScore) => {
    scores.set(name, score)
    progress.note(score)
  }
  const played = [...scenarios].filter(([name, scenario]) => {
    if (baseline.encrypts || !scenario.options.tls) return true
    keep(name, { ...about(scenario), verdict: 'not met', why: 'the client does not encrypt' })
    return false
  })
  try {
    await playAll({
      ...request,
      server: {},
      bail: false,
      scenarios: played.map(([name]) => name),
      onResult: (result) => keep(result.scenario, scoreOf(scenarios, result, baseline)),
    })
  } finally {
    progress.end()
  }
  if (request.interrupted.aborted) return undefined
  return [...scenarios.keys()].flatMap((name) => scores.get(name) ?? [])
}

type Result = NonNullable<ScenarioScore['played']>

function scoreOf(scenarios: ReadonlyMap<string, LoadedScenario>, played: Result, { work }: Baseline): ScenarioScore {
  const scenario = scenarios.get(played.scenario)
  if (scenario === undefined) throw new Error('unreachable: it is one of those that were to be played')
  return { ...about(scenario), ...judge(played, scenario.outcome, work), played }
}

function about({ name, theme = 'other', outcome }: LoadedScenario) {
  return { scenario: name, theme, outcome }
}

async function write(card: Scorecard, line: CommandLine): Promise<void> {
  const { given } = line
  const [, onOutput = (card: Scorecard) => asText(card, given.has('verbose'))] =
    Object.entries(FORMATS).find(([flag]) => given.get(flag) === '-') ?? []
  process.stdout.write(onOutput(card))
  for (const { flag, file, format } of filesWanted(line)) await writeTo(file, format(card), flag)
}

function filesWanted({ given }: CommandLine) {
  return Object.entries(FORMATS).flatMap(([flag, format]) => {
    const file = given.get(flag)
    return file === undefined || file === '-' ? [] : [{ flag, file, format }]
  })
}

async function writeTo(file: string, text: string, flag: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    throw new UsageError(`--${flag}: cannot write "${file}": ${(error as Error).message}`, { cause: error })
  }
}
