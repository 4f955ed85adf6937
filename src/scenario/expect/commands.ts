import { visible } from '../../handlers/event-text.ts'
import { counted, listed, shortened } from '../words.ts'
import { type Came, commandMatcher, verbAndArgument } from './command-pattern.ts'
import { activeSessions, type Evidence } from './evidence.ts'
import type { Failure, Mark } from './failure.ts'
import type { CheckedCommands } from './schema.ts'

/** Which commands came, in which order. */
export function checkCommands(groups: readonly CheckedCommands[], evidence: Evidence): Failure[] {
  return groups.flatMap((group, index) => {
    const place = groups.length === 1 ? 'commands' : `commands[${index}]`
    const came = commandsOf(evidence, group.session)
    const { inOrder, exactly, never = [] } = group
    return [
      ...(inOrder === undefined ? [] : missedInOrder(inOrder, came, `${place}.inOrder`)),
      ...(exactly === undefined ? [] : missedExactly(exactly, came, `${place}.exactly`)),
      ...never.flatMap((pattern, at) => forbidden(pattern, came, `${place}.never[${at}]`)),
    ]
  })
}

function commandsOf(evidence: Evidence, session: number | undefined): Came[] {
  const { events } = evidence
  const id = session === undefined ? undefined : activeSessions(evidence)[session - 1]
  return events.filter(
    (event): event is Came => event.type === 'command' && (session === undefined || event.session === id),
  )
}

/** The commands that came in the order of the patterns, as far as they did: less than all where one is missing. */
export function foundInOrder(patterns: readonly string[], came: readonly Came[]): Came[] {
  const found: Came[] = []
  let next = 0
  for (const pattern of patterns) {
    const matches = commandMatcher(pattern)
    const at = came.findIndex((command, index) => index >= next && matches(command))
    const command = came[at]
    if (command === undefined) return found
    found.push(command)
    next = at + 1
  }
  return found
}

function missedInOrder(patterns: readonly string[], came: readonly Came[], place: string): Failure[] {
  const found = foundInOrder(patterns, came)
  const index = found.length
  const pattern = patterns[index]
  if (pattern === undefined) return []
  const last = found.at(-1)
  const next = last === undefined ? 0 : came.indexOf(last) + 1
  return [missing({ pattern, index, next, place, before: patterns[index - 1] }, came)]
}

interface Missing {
  readonly pattern: string
  readonly index: number
  /** The first command that could have been it. */
  readonly next: number
  readonly place: string
  readonly before: string | undefined
}

function missing({ pattern, index, next, place, before }: Missing, came: readonly Came[]): Failure {
  const behind = before === undefined ? '' : ` behind ${before}`
  const sentence = `${pattern} did not come${behind}; ${hint(pattern, came, next)}.`
  const event = came[next]
  return {
    place: `${place}[${index}]`,
    problem: sentence,
    marks: [{ text: `expected here: ${pattern}`, event, side: 'before' }],
  }
}

/** What came instead: the same too early, or the verb with something else. */
function hint(pattern: string, came: readonly Came[], next: number): string {
  const early = came.slice(0, next).filter(commandMatcher(pattern)).length
  if (early > 0) return `it came ${counted(early, 'time')}, and not once more from there on`
  const [verb] = verbAndArgument(pattern)
  return cameInstead(verb === pattern ? [] : came.filter(commandMatcher(verb)), came)
}

/** What came in place of a command, in words: those that are like it, or all. */
export function cameInstead(alike: readonly Came[], came: readonly Came[]): string {
  if (alike.length > 0) return `what came was ${listed(alike.map(({ line }) => shortened(visible(line))))}`
  if (came.length === 0) return 'no command came at all'
  return `the commands were ${listed(came.map((command) => command.verb))}`
}

function missedExactly(patterns: readonly string[], came: readonly Came[], place: string): Failure[] {
  const wrong = patterns.findIndex((pattern, index) => {
    const command = came[index]
    return command === undefined || !commandMatcher(pattern)(command)
  })
  const at = wrong === -1 ? patterns.length : wrong
  const pattern = patterns[at]
  const event = came[at]
  if (pattern === undefined && event === undefined) return []
  const marks: Mark[] = []
  if (pattern !== undefined) marks.push({ text: `expected here: ${pattern}`, event, side: 'before' })
  if (event !== undefined)
    marks.push({ text: `not expected${pattern === undefined ? '' : ' here'}`, event, side: 'behind' })
  const line = event && shortened(visible(event.line))
  const problem =
    pattern === undefined
      ? `${line} came behind the ${counted(patterns.length, 'command')} expected.`
      : event === undefined
        ? `${pattern} did not come: there were ${counted(came.length, 'command')}, and ${patterns.length} are expected.`
        : `command ${at + 1} was ${line}, not ${pattern}.`
  return [{ place: `${place}[${at}]`, problem, marks }]
}

function forbidden(pattern: string, came: readonly Came[], place: string): Failure[] {
  const found = came.filter(commandMatcher(pattern))
  if (found.length === 0) return []
  const lines = listed(found.map(({ line }) => shortened(visible(line))))
  const marks = found.map((event): Mark => ({ text: `never expected: ${pattern}`, event, side: 'behind' }))
  return [{ place, problem: `${pattern} is never to come, and came: ${lines}.`, marks }]
}
