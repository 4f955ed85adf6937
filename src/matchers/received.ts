import type { FtpHandle } from '../fixture/handle.ts'
import { MASK } from '../handlers/events.ts'
import { invalidOption } from '../options/check.ts'
import { argumentMatcher, type Came, commandMatcher } from '../scenario/expect/command-pattern.ts'
import { cameInstead } from '../scenario/expect/commands.ts'
import type { Mark } from '../scenario/expect/failure.ts'
import { loadExpectation } from '../scenario/load.ts'
import { counted } from '../scenario/words.ts'
import {
  type AsymmetricMatcher,
  checkCount,
  isAsymmetricMatcher,
  isDescribedBy,
  isRegExp,
  reading,
} from './arguments.ts'
import { EXTRA, explained } from './explained.ts'
import type { Inquiry, Judge, Verdict } from './judge.ts'
import { printed } from './printed.ts'
import { ownVerbs } from './verbs.ts'

/** What the argument of a command is to be: itself, or a glob for it; something to find in it; what the runner offers. */
export type ReceivedArgument = string | RegExp | AsymmetricMatcher

const NAME = 'toHaveReceived'

/** Whether a command came. */
export const judgeReceived: Judge<Verdict> = (ftp, args, inquiry) => {
  checkCount(NAME, args, 1, 2)
  const command = checkedCommand(args[0], args.length > 1, ftp)
  const argumentOf = revealer(ftp)
  const accepts = args.length > 1 ? acceptorOf(args[1], inquiry) : () => true
  const came = ftp.transcript.commands()
  const alike = came.filter(commandMatcher(command))
  const met = alike.filter((each) => accepts(argumentOf(each)) || accepts(behind(command, each, argumentOf(each))))
  const wanted = args.length > 1 ? `${command} ${argumentText(args[1])}` : command
  const explain = () => {
    if (met.length > 0) {
      const marks = met.map((event): Mark => ({ text: EXTRA, event, side: 'behind' }))
      return explained(`${wanted} came ${counted(met.length, 'time')}.`, marks, ftp)
    }
    const nearest = alike.at(-1)
    const where = nearest === undefined ? 'expected by here' : 'expected'
    const mark: Mark = { text: `${where}: ${wanted}`, event: nearest, side: 'behind' }
    return explained(`${wanted} did not come; ${cameInstead(alike, came)}.`, [mark], ftp)
  }
  return { pass: met.length > 0, explain, actual: came.map(({ line }) => line), expected: wanted }
}

/** The argument behind the first word where a command of two is asked for by that alone: `SITE` of `SITE CHMOD`. */
function behind(command: string, { verb }: Came, argument: string): string {
  const words = command.includes(' ') ? [] : verb.split(' ').slice(1)
  return [...words, ...(argument === '' ? [] : [argument])].join(' ')
}

/** Tells arguments as they came; those of a server in another process that are secret are asked for when need be. */
function revealer({ transcript }: FtpHandle): (came: Came) => string {
  let revealed: readonly Came[] | undefined
  const masked = transcript.commands()
  return (came) => {
    if (came.argument !== MASK) return came.argument
    revealed ??= transcript.commands({ secrets: true })
    return revealed[masked.indexOf(came)]?.argument ?? MASK
  }
}

function checkedCommand(command: unknown, hasArgument: boolean, ftp: FtpHandle): string {
  const name = `${NAME}: command`
  if (typeof command !== 'string') throw invalidOption(name, command, "a verb, such as 'RETR'")
  if (hasArgument && /\s/.test(command) && !/^SITE \S+$/i.test(command)) {
    throw invalidOption(name, command, 'a verb alone, as its argument is given apart')
  }
  const expectation = { commands: { inOrder: [command] } }
  reading(NAME, 'commands.inOrder[0]', () => loadExpectation(expectation, { verbs: ownVerbs(ftp) }))
  return command
}

function acceptorOf(expected: unknown, { equals }: Inquiry): (argument: string) => boolean {
  if (isAsymmetricMatcher(expected)) return (argument) => equals(argument, expected)
  if (isRegExp(expected)) return (argument) => isDescribedBy(argument, expected)
  if (typeof expected === 'string') return argumentMatcher(expected)
  const wanted = 'a string, which may be a glob, a regular expression or an asymmetric matcher'
  throw invalidOption(`${NAME}: argument`, expected, wanted)
}

function argumentText(argument: unknown): string {
  return typeof argument === 'string' ? argument : printed(argument)
}
