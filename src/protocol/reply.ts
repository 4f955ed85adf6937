import type { Awaitable } from '../authorizers/authorizer.ts'

/** RFC 959 §4.2.2: the command goes on; a completion follows. */
type PreliminaryCode = 125 | 150

/** The replies that end a command: RFC 959 §4.2.2, RFC 2228 §5, RFC 2428, RFC 3659 §2.5. */
export type FinalCode =
  | (200 | 202 | 211 | 212 | 213 | 214 | 215 | 220 | 221 | 225 | 226 | 227 | 229 | 230 | 232 | 234 | 235 | 250 | 257)
  | (331 | 332 | 334 | 335 | 350)
  | (421 | 425 | 426 | 430 | 431 | 450 | 451 | 452)
  | (500 | 501 | 502 | 503 | 504 | 521 | 522 | 530 | 532 | 533 | 534 | 535 | 536 | 537 | 550 | 551 | 552 | 553 | 554)

/** A reply that ends its command. */
export interface FinalReply {
  readonly code: FinalCode
  readonly lines: readonly string[]
  /** The control connection is closed behind this reply, as it always is behind 221 and 421. */
  readonly closes?: true
  /** What follows the reply on the wire and must be done before the next command is read. */
  readonly afterwards?: () => void | Promise<void>
}

/** A reply that announces another one. */
export interface PreliminaryReply {
  readonly code: PreliminaryCode
  readonly lines: readonly string[]
  /** The reply that ends the command, where it is known already; always resolves, never rejects. */
  readonly completion: Awaitable<FinalReply>
}

export type Reply = FinalReply | PreliminaryReply

/** A final reply of one line, or of several. */
export function reply(code: FinalCode, ...lines: readonly [string, ...string[]]): FinalReply {
  return { code, lines }
}

/** A text of any length or number of lines as the lines of a reply; one over 75 characters takes the multi-line form. */
export function textLines(text: string): readonly [string, ...string[]] {
  const [first = '', ...others] = text.split(/\r?\n/)
  return others.length === 0 && first.length > 75 ? [first, ''] : [first, ...others]
}

/** Whether more is to come for the same command. */
export function isPreliminary(reply: Reply): reply is PreliminaryReply {
  return 'completion' in reply
}

/**
 * The reply as it goes over the wire (RFC 959 §4.2). Text from a client or a disk cannot break out of it: CR, LF and
 * NUL become `?`, as vsftpd does, and an inner line that would read as a code is led by a space.
 */
export function formatReply({ code, lines }: Pick<Reply, 'lines'> & { readonly code: number }): string {
  const last = lines.length - 1
  if (last <= 0) return `${code} ${harmless(lines[0] ?? '')}\r\n`
  let text = `${code}-${harmless(lines[0] ?? '')}\r\n`
  for (let i = 1; i < last; i++) {
    const line = harmless(lines[i] ?? '')
    text += /^\d{3}/.test(line) ? ` ${line}\r\n` : `${line}\r\n`
  }
  return `${text}${code} ${harmless(lines[last] ?? '')}\r\n`
}

/** Text that stays on its line. */
export function harmless(text: string): string {
  return /[\r\n\0]/.test(text) ? text.replace(/[\r\n\0]/g, '?') : text
}
