const MOST_CHARACTERS = 80
const MOST_LISTED = 12

/** A number with its noun: '1 time', '3 times'. */
export function counted(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}

/** A text that may be as long as a client likes, in a width that suits a terminal. */
export function shortened(text: string, most: number = MOST_CHARACTERS): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

/** Texts in a row, the first ones of many. */
export function listed(texts: readonly string[]): string {
  const more = texts.length - MOST_LISTED
  return texts.slice(0, MOST_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
