import type { StartFtpServerOptions } from '../fixture/options.ts'
import { oneOf, rejectUnknownKeys, wholeNumber } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'
import type { OptionSource } from './sources.ts'

/** The environment variable that names the config file. */
export const CONFIG_VARIABLE = 'FTP_FIXTURE_CONFIG'

const PREFIX = 'FTP_FIXTURE_'

const isSwitch = oneOf('true', 'false', '1', '0')

/** What each variable sets, in the order in which they count: the last one most. */
const VARIABLES: Readonly<Record<string, (text: string, name: string) => StartFtpServerOptions>> = {
  FTP_FIXTURE_OPTIONS: (text, name) => parseJson(text, name) as StartFtpServerOptions,
  FTP_FIXTURE_SCENARIO: (scenario) => ({ scenario }),
  FTP_FIXTURE_FILES: (files) => ({ files }),
  FTP_FIXTURE_TLS: (text, name) => ({ tls: ['true', '1'].includes(isSwitch(text, name)) }),
  FTP_FIXTURE_PORT: (text, name) => ({ port: wholeNumber(0, 65_535)(/^\d+$/.test(text) ? Number(text) : text, name) }),
  FTP_FIXTURE_LOG: (text, name) => ({ log: oneOf('info', 'debug')(text, name) }),
}

/** Variables that say something else, of the package's own processes among them. */
const OTHERS = [CONFIG_VARIABLE, 'FTP_FIXTURE_MADE', 'FTP_FIXTURE_SEAT']

/** The options that environment variables set; an empty one sets nothing. Throws for one that begins like ours and is none: it may be misspelt. */
export function variableSources(environment: NodeJS.ProcessEnv): OptionSource[] {
  const given = Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith(PREFIX)))
  rejectUnknownKeys(given, [...Object.keys(VARIABLES), ...OTHERS], 'environment variable')
  return Object.entries(VARIABLES).flatMap(([name, read]) => {
    const text = environment[name]
    return text === undefined || text === '' ? [] : [{ name, options: read(text, name) }]
  })
}

/** The value of a text in JSON; what is wrong is told with its place. */
export function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new FtpFixtureError('ERR_OPTION_INVALID', `${place}: no JSON: ${(error as Error).message}`, { cause: error })
  }
}
