import { parseArgs } from 'node:util'
import { nearest } from '../options/check.ts'
import { UsageError } from './errors.ts'
import type { Flags } from './flag.ts'
import type { Subcommand } from './subcommand.ts'
import { DEFAULT, subcommands } from './subcommands.ts'

/** What stands on a command line. */
export interface CommandLine {
  readonly name: string
  readonly subcommand: Subcommand
  /** The options that there are. */
  readonly flags: Flags
  /** The value of each option given, '' for a switch; of one that is given twice, the last. */
  readonly given: ReadonlyMap<string, string>
  /** All values of each option given. */
  readonly lists: ReadonlyMap<string, readonly string[]>
  readonly operands: readonly string[]
  /** What stands behind `--`, where that is a command. */
  readonly command: readonly string[]
}

/** Reads a command line; throws `UsageError`. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const [first] = args
  const name = first !== undefined && Object.hasOwn(subcommands, first) ? first : DEFAULT
  const subcommand = subcommands[name] as Subcommand
  const flags: Flags = Object.assign({}, ...Object.values(subcommand.flagGroups))
  const [before, behind] = parted(args.slice(name === first ? 1 : 0))
  const { lists, positionals } = parse(before, flags, name)
  // `ftp-fixture --port 2121 serve` is as good.
  const words = name === DEFAULT && first !== name && positionals[0] === name ? positionals.slice(1) : positionals
  const operands = subcommand.takesCommand ? words : [...words, ...behind]
  if (subcommand.operands === undefined) refuseOperands(operands)
  const given = new Map([...lists].map(([flag, values]) => [flag, values.at(-1) ?? '']))
  return { name, subcommand, flags, given, lists, operands, command: subcommand.takesCommand ? behind : [] }
}

/** Throws for options that contradict each other or mean nothing without another one, and for a command that is missing. */
export function checkTogether({ subcommand, flags, given, command }: CommandLine): void {
  for (const name of given.keys()) {
    const { needs = [], excludes = [] } = flags[name] ?? {}
    if (needs.length > 0 && !needs.some((other) => given.has(other))) {
      throw new UsageError(`--${name} goes with ${needs.map((other) => `--${other}`).join(' or ')}`)
    }
    const other = excludes.find((each) => given.has(each))
    if (other !== undefined) throw new UsageError(`--${name} and --${other} exclude each other`)
  }
  if (subcommand.takesCommand && command.length === 0) {
    throw new UsageError(`a command is missing: ftp-fixture ${subcommand.synopsis}`)
  }
}

/** What stands before `--`, and what behind it. */
function parted(args: readonly string[]): readonly [string[], string[]] {
  const at = args.indexOf('--')
  return at === -1 ? [[...args], []] : [args.slice(0, at), args.slice(at + 1)]
}

function parse(args: string[], flags: Flags, subcommand: string) {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { short, value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  )
  const { tokens, positionals } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true })
  const lists = new Map<string, readonly string[]>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const value = givenValue(token, flags, subcommand)
    lists.set(token.name, [...(lists.get(token.name) ?? []), value])
  }
  return { lists, positionals }
}

interface OptionToken {
  readonly name: string
  /** As it was written: `-p` or `--port`. */
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function givenValue({ name, rawName, value, inlineValue }: OptionToken, flags: Flags, subcommand: string): string {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (flag === undefined) throw unknown(rawName, flags, subcommand)
  if (flag.value === undefined) {
    if (value === undefined) return ''
    throw new UsageError(`${rawName} takes no value, found "${value}"`)
  }
  const missing = value === undefined || (!inlineValue && /^-./.test(value)) || (value === '' && !flag.mayBeEmpty)
  if (missing) throw new UsageError(`${rawName} needs a value: ${rawName} ${flag.value}`)
  return value
}

function unknown(rawName: string, flags: Flags, subcommand: string): UsageError {
  const near = rawName.startsWith('--') ? nearest(rawName.slice(2), new Set(Object.keys(flags))) : undefined
  const help = subcommand === DEFAULT ? '--help' : `${subcommand} --help`
  const hint = near === undefined ? `${help} shows them all` : `did you mean --${near}?`
  return new UsageError(`unknown option ${rawName}; ${hint}`)
}

/** Throws for words that mean nothing, the first of which may have been meant as a subcommand. */
function refuseOperands([stray]: readonly string[]): void {
  if (stray === undefined) return
  if (Object.hasOwn(subcommands, stray) && stray !== DEFAULT) {
    throw new UsageError(`"${stray}" has to be the first argument: ftp-fixture ${subcommands[stray]?.synopsis}`)
  }
  const near = nearest(stray, new Set(Object.keys(subcommands)))
  if (near === undefined || near === stray) throw new UsageError(`unexpected argument "${stray}"`)
  throw new UsageError(`unknown subcommand "${stray}"; did you mean "${near}"?`)
}
