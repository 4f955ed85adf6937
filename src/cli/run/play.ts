import { startControlApi } from '../../control-api/start.ts'
import type { FtpFixture } from '../../fixture/ftp-fixture.ts'
import type { StartFtpServerOptions } from '../../fixture/options.ts'
import { startWithoutWarnings } from '../../fixture/start.ts'
import type { FtpEvent } from '../../handlers/events.ts'
import { clientEnvironment } from '../../harness/environment.ts'
import { temporaryFile } from '../../harness/temporary-file.ts'
import { FtpFixtureError } from '../../options/error.ts'
import { ExpectationError } from '../../scenario/expect/failure.ts'
import type { RuleExplanation } from '../../scenario/explain.ts'
import { loadScenario } from '../../scenario/load.ts'
import type { Scenario } from '../../scenario/schema.ts'
import { type CommandOptions, type CommandOutcome, runCommand } from './command.ts'

/** A command to be run under a scenario. */
export interface PlayRequest extends Omit<CommandOptions, 'env'> {
  /** The name of a built-in scenario, the path of a file, or one itself. */
  readonly scenario: string | Scenario
  /** How its server is started. */
  readonly server: StartFtpServerOptions
}

/** What became of a command under a scenario. */
export interface PlayResult extends CommandOutcome {
  readonly scenario: string
  /** Whether the command exited with 0 in time, and all that was expected came true. */
  readonly passed: boolean
  /** What became of the rules of the scenario. */
  readonly rules: readonly RuleExplanation[]
  /** What clients did. */
  readonly events: readonly FtpEvent[]
  /** A sentence on each thing that was expected and did not come true. */
  readonly missed: readonly string[]
  /** What the client and the server said, with marks where it parted from what was expected; of much, the end. */
  readonly dialogue: string
}

const MOST_LINES = 60

/** Starts a server with a scenario, runs a command that finds it in its environment, and judges what it did. */
export async function playScenario(request: PlayRequest): Promise<PlayResult> {
  const { scenario, server } = request
  const ftp = await startWithoutWarnings({ ...server, scenario })
  let outcome: CommandOutcome
  let judgement: Judgement
  try {
    outcome = await runClient(ftp, request)
    judgement = outcome.ending.is === 'interrupted' ? unjudged : await judge(ftp)
  } catch (error) {
    // What went wrong first is what is to be told.
    await ftp.stop().catch(() => {})
    throw error
  }
  const failures = await ftp.stop().then(() => [], sessionFailure)
  const missed = [...judgement.missed, ...failures]
  const { ending } = outcome
  const passed = ending.is === 'exited' && ending.status === 0 && missed.length === 0
  const name = typeof scenario === 'string' ? scenario : (scenario.name ?? '')
  return { ...judgement, scenario: name, passed, ...outcome, missed }
}

async function runClient(ftp: FtpFixture, { scenario, server: _given, ...options }: PlayRequest) {
  const control = await startControlApi(ftp)
  const caFile = ftp.ca === undefined ? undefined : await temporaryFile('ca.pem', ftp.ca)
  try {
    const client = clientEnvironment(ftp, control, caFile?.path)
    return await runCommand({ ...options, env: environmentFor(ftp, scenario, client) })
  } finally {
    await caFile?.remove()
  }
}

/** All that tells a command where its server is; what it may have inherited tells it of another one. */
const OURS = /^FTP_(URL|HOST|PORT|USER|PASSWORD|ROOT|CONTROL_URL|CONTROL_TOKEN|CA_FILE|SCENARIO|THEME)$/

function environmentFor(
  ftp: FtpFixture,
  scenario: string | Scenario,
  client: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !OURS.test(name))
  const { theme } = loadScenario(scenario)
  return {
    ...Object.fromEntries(inherited),
    ...client,
    FTP_SCENARIO: ftp.scenario,
    ...(theme !== undefined && { FTP_THEME: theme }),
  }
}

type Judgement = Pick<PlayResult, 'missed' | 'dialogue' | 'rules' | 'events'>

const unjudged: Judgement = { missed: [], dialogue: '', rules: [], events: [] }

async function judge(ftp: FtpFixture): Promise<Judgement> {
  const { missed, dialogue } = await verified(ftp)
  return { missed, dialogue, rules: ftp.explain().rules, events: [...ftp.transcript.events] }
}

async function verified(ftp: FtpFixture): Promise<Pick<PlayResult, 'missed' | 'dialogue'>> {
  try {
    await ftp.verify()
    return { missed: [], dialogue: endOf(String(ftp.transcript)) }
  } catch (error) {
    if (error instanceof ExpectationError) return { missed: error.failures, dialogue: error.dialogue }
    // The command can stop its server, by the control API.
    if (error instanceof FtpFixtureError) return { missed: [error.message], dialogue: endOf(String(ftp.transcript)) }
    throw error
  }
}

function endOf(dialogue: string): string {
  const lines = dialogue.split('\n').slice(0, -1)
  const more = lines.length - MOST_LINES
  const shown = more > 0 ? [`… ${more} lines left out …`, ...lines.slice(more)] : lines
  return shown.map((line) => `${line}\n`).join('')
}

/** A session that failed is the server's fault, but no reason to keep quiet about the other scenarios. */
function sessionFailure(error: unknown): string[] {
  if (error instanceof FtpFixtureError && error.code === 'ERR_SESSION_FAILED') return [`the server: ${error.message}`]
  throw error
}
