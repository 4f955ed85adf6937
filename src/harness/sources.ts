import { resolveFixtureOptions, type StartFtpServerOptions } from '../fixture/options.ts'
import { invalidOption } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'

/** Options, and the place they were written in, which errors name. */
export interface OptionSource {
  /** `FTP_FIXTURE_PORT`, say. */
  readonly name: string
  readonly options: StartFtpServerOptions
}

/** The options of all sources, each over those before it. Throws for the first that is wrong, naming where it stands. */
export function optionsFrom(sources: readonly OptionSource[]): StartFtpServerOptions {
  let all: StartFtpServerOptions = {}
  for (const { name, options } of sources) {
    blaming(name, () => {
      all = { ...all, ...objectIn(options) }
      resolveFixtureOptions(all)
    })
  }
  return all
}

/** Does something with what stands in a place; errors name that place. */
function blaming<T>(place: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof FtpFixtureError)) throw error
    // Without it as a cause: runners would print it all twice.
    throw new FtpFixtureError(error.code, `${place}: ${error.message}`)
  }
}

/** Options come from other realms and loaders too: only what they are made of counts. */
function objectIn(value: unknown): object {
  if (Object.prototype.toString.call(value) === '[object Object]') return value as object
  throw invalidOption('options', value, 'an object with options of startFtpServer')
}
