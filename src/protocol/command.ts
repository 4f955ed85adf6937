/** A command as it came: its code in capitals and its argument field, untouched (RFC 959 §5.3). */
export interface Command {
  readonly verb: string
  /** What stands behind the first space, '' when there is none. Spaces belong to it: they may be part of a name. */
  readonly argument: string
}

/** Splits a line into command code and argument field. */
export function parseCommand(line: string): Command {
  const space = line.indexOf(' ')
  if (space === -1) return { verb: line.toUpperCase(), argument: '' }
  return { verb: line.slice(0, space).toUpperCase(), argument: line.slice(space + 1) }
}
