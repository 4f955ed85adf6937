import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { FtpFixtureError } from '../options/error.ts'
import { yamlKit } from '../scenario/kit.ts'
import type { OptionSource } from './sources.ts'
import { CONFIG_VARIABLE, parseJson } from './variables.ts'

/** Loads a module with options in it, as the runner loads its own config. */
export type LoadModule = (file: string) => unknown

const NAME = 'ftp-fixture.config'
/** Where config files are that nobody has to name, as watchers put it. */
export const CONFIG_FILES: string = `**/${NAME}.*`
const MODULES = ['.ts', '.mts', '.js', '.mjs', '.cjs']
const DATA = ['.json', '.yaml', '.yml']

/** The options in a project's config file: the one that the environment names, or the one in the project's root. */
export async function configFileSource(
  root: string,
  environment: NodeJS.ProcessEnv,
  load: LoadModule,
): Promise<OptionSource[]> {
  const file = configFile(root, environment)
  if (file === undefined) return []
  const shown = path.relative(root, file)
  const name = shown.startsWith('..') ? file : shown
  const value = DATA.includes(path.extname(file)) ? readData(file, name) : await loadOptions(file, name, load)
  return [{ name, options: fromDirectory(value, path.dirname(file)) }]
}

/** The config file that counts in a project; throws where that is not clear, and where there is none of the name given. */
export function configFile(root: string, { [CONFIG_VARIABLE]: named }: NodeJS.ProcessEnv): string | undefined {
  if (named !== undefined && named !== '') {
    const file = path.resolve(root, named)
    if (!existsSync(file)) throw unusable(CONFIG_VARIABLE, `there is no such file: "${file}"`)
    if ([...MODULES, ...DATA].includes(path.extname(file))) return file
    throw unusable(
      CONFIG_VARIABLE,
      `expected a file that ends in ${[...MODULES, ...DATA].join(', ')}, found "${named}"`,
    )
  }
  const found = [...MODULES, ...DATA]
    .map((ending) => `${NAME}${ending}`)
    .filter((name) => existsSync(path.join(root, name)))
  // Which one counted would be a guess.
  if (found.length > 1) throw unusable(found.join(' and '), `one config file is enough; ${CONFIG_VARIABLE} can name it`)
  return found[0] === undefined ? undefined : path.join(root, found[0])
}

function readData(file: string, name: string): unknown {
  const text = readFileSync(file, 'utf8')
  if (path.extname(file) === '.json') return parseJson(text, name)
  try {
    return yamlKit().parse(text)
  } catch (error) {
    throw unusable(name, `no YAML: ${(error as Error).message}`, error)
  }
}

async function loadOptions(file: string, name: string, load: LoadModule): Promise<unknown> {
  let loaded: unknown
  try {
    loaded = await load(file)
  } catch (error) {
    throw unusable(name, `cannot be loaded: ${(error as Error).message}${hintFor(file, error)}`, error)
  }
  const options = exported(loaded)
  if (options === undefined) throw unusable(name, 'expected options of startFtpServer as the default export')
  return options
}

/** What a module exports by default, be it an ES module, CommonJS, or one compiled from the former to the latter. */
function exported(loaded: unknown): unknown {
  let value = loaded
  // An ES module around CommonJS that was compiled from one has it two deep.
  for (let depth = 0; depth < 2; depth++) {
    if (typeof value !== 'object' || value === null || !('default' in value)) break
    value = value.default
  }
  return Object.prototype.toString.call(value) === '[object Module]' ? undefined : value
}

const NO_TYPESCRIPT = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX']

function hintFor(file: string, error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException
  const isTypeScript = /\.m?ts$/.test(file)
  if (isTypeScript && (NO_TYPESCRIPT.includes(code) || error instanceof SyntaxError)) {
    return '; TypeScript needs a runner that compiles it, or Node 22.18: else write it in JavaScript, YAML or JSON'
  }
  if (code === 'ERR_REQUIRE_ESM') return '; an ES module needs Node 20.19 here: else write it as .cjs, YAML or JSON'
  return ''
}

/** Paths in a config file that begin with a dot are relative to that file, wherever the runner was started. */
function fromDirectory(value: unknown, directory: string): StartFtpServerOptions {
  const options = value as StartFtpServerOptions
  if (typeof value !== 'object' || value === null) return options
  const paths = (['scenario', 'files', 'root', 'certfile', 'keyfile'] as const).flatMap((name) => {
    const given = (options as Readonly<Record<string, unknown>>)[name]
    return typeof given === 'string' && /^\.\.?[\\/]/.test(given) ? [[name, path.resolve(directory, given)]] : []
  })
  return { ...options, ...Object.fromEntries(paths) }
}

function unusable(place: string, problem: string, cause?: unknown): FtpFixtureError {
  return new FtpFixtureError('ERR_OPTION_INVALID', `${place}: ${problem}`, { cause })
}
