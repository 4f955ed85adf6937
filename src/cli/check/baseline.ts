import type { Scenario } from '../../scenario/schema.ts'
import { CliError } from '../errors.ts'
import { type PlayRequest, playScenario } from '../run/play.ts'
import { section } from './text.ts'
import { type Work, workDone } from './work.ts'

/** What a client does when nothing goes wrong. */
export interface Baseline {
  readonly work: Work
  /** Whether it encrypts where there is an authority to trust. */
  readonly encrypts: boolean
}

/** The files of the built-in scenarios. */
const files = { '/pub/file.bin': { size: '64KiB', seed: 1 }, '/pub/hello.txt': 'hello\n', '/incoming/': {} } as const
const plain: Scenario = { name: 'baseline', files }
const encrypted: Scenario = { name: 'baseline-tls', files, options: { tls: true }, theme: 'TLS' }

/** Runs a client against a server that behaves; throws when that does not go well, as nothing else can be told then. */
export async function playBaseline(request: Omit<PlayRequest, 'scenario'>, withTls: boolean): Promise<Baseline> {
  const { events } = await succeeding({ ...request, scenario: plain }, 'that behaves')
  const work = workDone(events)
  if (!withTls || request.interrupted.aborted) return { work, encrypts: false }
  const overTls = await playScenario({ ...request, scenario: encrypted })
  const encrypts = overTls.events.some(({ type }) => type === 'tls' || type === 'tls-failed')
  if (encrypts) mustSucceed(overTls, 'with TLS that behaves')
  return { work, encrypts }
}

type Result = Awaited<ReturnType<typeof playScenario>>

async function succeeding(request: PlayRequest, server: string): Promise<Result> {
  const result = await playScenario(request)
  mustSucceed(result, server)
  return result
}

function mustSucceed({ ending, output, dialogue }: Result, server: string): void {
  if (ending.is === 'interrupted' || (ending.is === 'exited' && ending.status === 0)) return
  process.stderr.write(section('What the command wrote', output) + section('What happened', dialogue))
  const how = { exited: 'fails', killed: 'dies', 'timed out': 'takes too long' }[ending.is]
  throw new CliError(`the command ${how} with a server ${server}: there is nothing to tell scenarios by`)
}
