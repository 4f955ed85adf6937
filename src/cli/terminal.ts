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
