/** A line of shadow(5), in days since the epoch; `undefined` for a field left empty. */
export interface ShadowEntry {
  readonly hash: string
  readonly lastChange: number | undefined
  /** Days that a password is good for. */
  readonly maximumAge: number | undefined
  readonly expires: number | undefined
}

/** The entry of a user in the text of a shadow file. */
export function shadowEntry(text: string, username: string): ShadowEntry | undefined {
  const fields = text.split('\n').map((line) => line.split(':'))
  const [name, hash, lastChange, , maximumAge, , , expires] = fields.find(([first]) => first === username) ?? []
  if (!name || hash === undefined) return undefined
  return { hash, lastChange: days(lastChange), maximumAge: days(maximumAge), expires: days(expires) }
}

/** Whether an account may not be entered whatever the password: locked, without one, expired, or due for a new one. */
export function isLockedOut({ hash, lastChange, maximumAge, expires }: ShadowEntry, today: number): boolean {
  if (hash === '' || hash.startsWith('!') || hash.startsWith('*')) return true
  if (expires !== undefined && today >= expires) return true
  // There is no command for choosing a new password, so an old one has to be changed elsewhere first.
  if (lastChange === 0) return true
  return lastChange !== undefined && maximumAge !== undefined && today - lastChange > maximumAge
}

function days(field: string | undefined): number | undefined {
  return field === undefined || field === '' || field === '-1' ? undefined : Number(field)
}
