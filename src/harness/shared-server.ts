import type { ControlApi } from '../control-api/start.ts'
import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { startFtpServer } from '../fixture/start.ts'
import { configFileSource, type LoadModule } from './config-file.ts'
import { type OptionSource, optionsFrom } from './sources.ts'
import { variableSources } from './variables.ts'

/** What a runner knows of the project whose tests are to share a server. */
export interface SharedServerPlan {
  /** The project's root directory. */
  readonly root: string
  /** The options in the runner's own config. */
  readonly runner: OptionSource
  readonly environment: NodeJS.ProcessEnv
  readonly load: LoadModule
}

/** A server for all tests of a run, and the control API through which their processes get at it. */
export interface SharedServer {
  readonly ftp: FtpFixture
  readonly control: ControlApi
  /** Makes it what it was at the start, for the tests to be run again. */
  renew(): Promise<void>
  stop(): Promise<void>
}

/**
 * The options for a server that tests share. What counts, from least to most: a config file, the runner's config, the
 * environment.
 */
export async function sharedOptions(plan: SharedServerPlan): Promise<StartFtpServerOptions> {
  const { root, runner, environment, load } = plan
  const file = await configFileSource(root, environment, load)
  return optionsFrom([...file, runner, ...variableSources(environment)])
}

/** Starts a server for tests to share, and its control API. */
export async function startSharedServer(options: StartFtpServerOptions): Promise<SharedServer> {
  const ftp = await startFtpServer(options)
  const { startControlApi } = await import('../control-api/start.ts')
  try {
    const control = await startControlApi(ftp)
    return { ftp, control, renew: () => renew(ftp, options), stop: async () => void (await ftp.stop()) }
  } catch (error) {
    await ftp.stop()
    throw error
  }
}

async function renew(ftp: FtpFixture, { scenario, root }: StartFtpServerOptions): Promise<void> {
  await Promise.all([...ftp.lanes.values()].map((lane) => lane.stop()))
  await Promise.all(ftp.sessions.map(({ session }) => ftp.kick(session)))
  if (scenario === undefined) ftp.reset()
  else ftp.use(scenario)
  // A directory of the user's stays as it is.
  if (root === undefined) await ftp.files.reset()
  ftp.transcript.clear()
}
