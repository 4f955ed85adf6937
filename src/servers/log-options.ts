import {
  type Checks,
  invalidOption,
  isBoolean,
  isFunction,
  oneOf,
  rejectUnknownKeys,
  resolveBy,
} from '../options/check.ts'

/**
 * How much is logged. `info`: connections, logins, transfers, commands that change files, refusals, warnings, errors.
 * `debug`: all that happens, the whole dialogue among it.
 */
export type LogLevel = 'info' | 'debug'

/** How a server logs. */
export interface LogOptions {
  /** Default: 'info'. */
  readonly level?: LogLevel
  /** Lines for people, or one JSON object a line: the event, with its time as text. Default: 'text'. */
  readonly format?: 'text' | 'json'
  /** Takes each line, without its end. Default: writes it to standard error. */
  readonly write?: (line: string) => void
  /** Whether text has the colours of terminals in it. Default: false. */
  readonly colour?: boolean
  /** Whether text has what is of data connections further in than the dialogue. Default: false. */
  readonly indent?: boolean
}

const logChecks: Checks<Required<LogOptions>> = {
  level: oneOf('info', 'debug'),
  format: oneOf('text', 'json'),
  write: isFunction,
  colour: isBoolean,
  indent: isBoolean,
}

const logDefaults: Required<LogOptions> = {
  level: 'info',
  format: 'text',
  write: (line) => process.stderr.write(`${line}\n`),
  colour: false,
  indent: false,
}

/** Checks the option `log`; a level alone stands for `{ level }`. */
export function resolveLog(value: unknown, name: string): Required<LogOptions> {
  const options = value === 'info' || value === 'debug' ? { level: value } : value
  if (Object.prototype.toString.call(options) !== '[object Object]') {
    throw invalidOption(name, value, "'info', 'debug' or { level, format, write, colour, indent }")
  }
  rejectUnknownKeys(options as object, Object.keys(logChecks), `field of ${name}`)
  return resolveBy(logChecks, options as object, logDefaults, `${name}.`)
}
