import { resolveFixtureOptions, type StartFtpServerOptions } from '../fixture/options.ts'
import { invalidOption } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'

/** Options, and the place they were written in, which errors name. */
export interface OptionSource {
  /** `FTP_FIXTURE_PORT`, say. */
  readonly name: string
  readonly options: StartFtpServerOptions
}

/** Reads the options in a place; errors name it. */
export function sourceFrom(name: string, read: () => StartFtpServerOptions): OptionSource {
  try {
    return { name, options: read() }
  } catch (error) {
    throw placed(name, error)
  }
}

/** Starts something with the options of all sources; an error about one of them names where it stands. */
export async function startFrom<T>(
  sources: readonly OptionSource[],
  start: (options: StartFtpServerOptions) => Promise<T>,
): Promise<T> {
  const options = optionsFrom(sources)
  try {
    return await start(options)
  } catch (error) {
    const source = sources.findLast((each) => isAbout(error, each.options))
    throw source === undefined ? error : placed(source.name, error)
  }
}

/** The options of all sources, each over those before it. Throws for the first that is wrong, naming where it stands. */
export function optionsFrom(sources: readonly OptionSource[]): StartFtpServerOptions {
  let all: StartFtpServerOptions = {}
  for (const { name, options } of sources) {
    try {
      all = { ...all, ...objectIn(options) }
      resolveFixtureOptions(all)
    } catch (error) {
      throw placed(name, error)
    }
  }
  return all
}

/** Whether an error names one of some options, as those that only the server can judge do. */
function isAbout(error: unknown, options: StartFtpServerOptions): boolean {
  const [, option] = (error instanceof FtpFixtureError && /^(\w+)[^\s:]*: /.exec(error.message)) || []
  return option !== undefined && Object.hasOwn(options, option)
}

function placed(place: string, error: unknown): unknown {
  if (!(error instanceof FtpFixtureError)) return error
  // Without it as a cause: runners would print it all twice.
  const told = new FtpFixtureError(error.code, `${place}: ${error.message}`)
  // Where options were read says nothing about where they were written.
  told.stack = String(told)
  return told
}

/** Options come from other realms and loaders too: only what they are made of counts. */
function objectIn(value: unknown): object {
  if (Object.prototype.toString.call(value) === '[object Object]') return value as object
  throw invalidOption('options', value, 'an object with options of startFtpServer')
}
