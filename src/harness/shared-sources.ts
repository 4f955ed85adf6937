import { configFileSource, type LoadModule } from './config-file.ts'
import type { OptionSource } from './sources.ts'
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

/**
 * Where the options stand for a server that tests share. What counts, from least to most: a config file, the runner's
 * config, the environment.
 */
export async function sharedSources(plan: SharedServerPlan): Promise<OptionSource[]> {
  const { root, runner, environment, load } = plan
  const file = await configFileSource(root, environment, load)
  return [...file, runner, ...variableSources(environment)]
}
