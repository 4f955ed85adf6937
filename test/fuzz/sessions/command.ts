import type { DataPlan } from './data-plan.ts'

/** One line of a client's. */
export interface Command {
  /** The command that it is to the server: in capitals, without what stands before it. */
  readonly verb: string
  readonly argument: string
  /** What is said in place of the verb: in other letters, behind Telnet signals. */
  readonly spelling?: string
  /** LF alone is taken too. */
  readonly isBare?: boolean
  readonly isTooLong?: boolean
  /** For PORT and EPRT: the argument is the client's own port, or one that nobody listens on. */
  readonly port?: 'listening' | 'closed'
  /** For commands that set up a data connection: what the client does with it. */
  readonly plan?: DataPlan
  /** For messages. */
  readonly text: string
}

/** A command with its text. */
export function command(verb: string, argument = '', more: Partial<Command> = {}): Command {
  const text = argument === '' ? verb : `${verb} ${argument}`
  return { verb, argument, text: text.length > 80 ? `${text.slice(0, 80)}…` : text, ...more }
}

/** The bytes of a command; `argument` is another one where it has to be. Telnet signals are a byte a character. */
export function bytesOf({ verb, spelling = verb, isBare, ...given }: Command, argument = given.argument): Buffer {
  const behind = argument === '' ? '' : ` ${argument}`
  return Buffer.concat([Buffer.from(spelling, 'latin1'), Buffer.from(`${behind}${isBare ? '\n' : '\r\n'}`)])
}

/** What ends a transfer that is running, on its way to something else. */
export const INTERRUPTING: ReadonlySet<string> = new Set(['ABOR', 'PASV', 'EPSV', 'PORT', 'EPRT'])
