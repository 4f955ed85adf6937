import { type EventOf, revealArgument } from '../../handlers/events.ts'
import { flawOf } from '../glob.ts'
import { globKit } from '../kit.ts'

/** A command that came. */
export type Came = EventOf<'command'>

/** The globs of a command: for its verb, and for its argument perhaps. */
export function verbAndArgument(pattern: string): [verb: string, ...argument: string[]] {
  const [verb = '', ...words] = pattern.split(' ')
  return words.length === 0 ? [verb] : [verb, words.join(' ')]
}

const OPTIONS = { dot: true, bash: true, keepQuotes: true }

/** Whether a command is meant by 'RETR', or by 'RETR *.bin'. */
export function commandMatcher(pattern: string): (came: Came) => boolean {
  const [verb, argument] = verbAndArgument(pattern)
  const isVerb = globKit()(verb.toUpperCase(), OPTIONS)
  if (argument === undefined) return ({ verb: came }) => isVerb(came) || isVerb(came.split(' ')[0] ?? '')
  const isArgument = argumentMatcher(argument)
  const both = pattern.toUpperCase()
  return (came) => {
    // The second word of `SITE CHMOD` is the verb's, or the pattern's argument.
    const [first = '', ...others] = came.verb.split(' ')
    return both === came.verb || (isVerb(first) && isArgument([...others, revealArgument(came)].join(' ').trimEnd()))
  }
}

/** Whether an argument is this text, or what it describes as a glob, if it is one. */
export function argumentMatcher(text: string): (argument: string) => boolean {
  if (flawOf(text) !== undefined) return (argument) => argument === text
  // It takes a glob itself for a match, too.
  return globKit()(text, OPTIONS)
}
