/** Whether text for a stream should have colours in it: on a terminal, unless the environment says otherwise. */
export function wantsColour({ isTTY }: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = env
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  // https://no-color.org: whatever it is, unless it is empty.
  return isTTY === true && !NO_COLOR && TERM !== 'dumb'
}

/** A word of a command line as a shell takes it. */
export function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** The width that texts are made for. */
export const COLUMNS = 100

/** A text in lines of at most a width, where its words allow that. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines[lines.length - 1]} ${word}`
    if (lines.length === 0 || longer.length > width) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}
