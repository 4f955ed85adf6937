/** What can be wrong with a certificate, all else being right. */
export const FLAWS = ['expired', 'not-yet-valid', 'self-signed', 'wrong-name', 'other-authority'] as const

export type Flaw = (typeof FLAWS)[number]
