import { type CommandTable, endOfSecretVerb } from '../commands/table.ts'
import type { RecognizedCommand } from './dispatch.ts'
import { type CommandDetail, commandDetail } from './events.ts'

/** What the time line is told of a command that came as a line. */
export function detailOf(commands: CommandTable, command: RecognizedCommand, line: Buffer): CommandDetail {
  const { verb, argument, spec } = command
  if (spec !== undefined) return commandDetail(verb, argument, spec.secret)
  // A secret may stand behind a verb that was not recognized, for a stray byte before it or a slip behind it. The bytes
  // are searched and not the text: where a character is two bytes, the stray one takes the verb's first letter with it.
  const text = line.toString('latin1')
  const end = endOfSecretVerb(commands, text)
  if (end === undefined) return commandDetail(verb, argument)
  return commandDetail(text.slice(0, end).toUpperCase(), text.slice(end), true)
}
