import { getSystemErrorMap } from 'node:util'
import { FilesystemError, NoFreeNameError } from '../filesystems/errors.ts'
import { type FinalCode, type FinalReply, reply } from '../protocol/reply.ts'

/** Thrown where no data connection can be had; answered with 425. */
export class DataConnectionError extends Error {
  override readonly name = 'DataConnectionError'
}

/** Thrown where a data connection that has to be encrypted cannot be; answered with 522 (RFC 4217 §10). */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError'

  constructor() {
    super('TLS negotiation failed on the data connection.')
  }
}

/** An error that says itself what the reply is. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError'
  readonly reply: FinalReply

  constructor(refusal: FinalReply) {
    super(refusal.lines.join(' '))
    this.reply = refusal
  }
}

/** What the codes of the system mean to a client; any other code of a file operation is 550. */
const CODES: Readonly<Record<string, FinalCode>> = {
  ENOSPC: 452,
  EDQUOT: 452,
  EFBIG: 552,
  EIO: 451,
  EMFILE: 451,
  ENFILE: 451,
  ENOMEM: 451,
  EPIPE: 426,
  ECONNRESET: 426,
  ECONNABORTED: 426,
  ECANCELED: 426,
  ETIMEDOUT: 426,
  ERR_STREAM_PREMATURE_CLOSE: 426,
  ERR_STREAM_DESTROYED: 426,
}

/** The reply for what a command or a transfer threw. */
export function replyForError(error: unknown): FinalReply {
  if (error instanceof RefusalError) return error.reply
  if (error instanceof NoFreeNameError) return reply(450, sentence(error.message))
  if (error instanceof FilesystemError) return reply(550, sentence(error.message))
  if (error instanceof DataConnectionError) return reply(425, sentence(error.message))
  if (error instanceof HandshakeError) return reply(522, error.message)
  const { code, errno } = (error ?? {}) as NodeJS.ErrnoException
  const known = codeFor(code)
  if (known !== undefined) return reply(known, sentence(explain(code, errno)))
  if (isSystemError(error)) return reply(550, sentence(explain(code, errno)))
  return reply(451, 'Internal error; the action was aborted.')
}

/** What went wrong with a connection; of an error of OpenSSL's without the places in its source that its message has. */
export function reasonOf(error: Error & { readonly reason?: string }): string {
  return error.reason ?? error.message
}

const EXPECTED = [FilesystemError, DataConnectionError, HandshakeError, RefusalError]

/** Whether an error is one that the world may bring, and not a bug. */
export function isExpected(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (EXPECTED.some((kind) => error instanceof kind) || isSystemError(error)) return true
  return codeFor(code) !== undefined
}

function codeFor(code = ''): FinalCode | undefined {
  // OpenSSL has hundreds; all of them end the connection.
  if (code.startsWith('ERR_SSL_')) return 426
  return Object.hasOwn(CODES, code) ? CODES[code] : undefined
}

/** System errors that no file brings: a bug, or a service that somebody's own code could not reach. */
const FOREIGN_CODES = new Set(['EBADF', 'EFAULT', 'ENOTSOCK', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN'])

/** An error of a system call, of which the client may know the kind but not the host's path in its message. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return false
  return !FOREIGN_CODES.has(String(error.code))
}

function explain(code = '', errno?: number): string {
  if (code === 'ERR_SSL_UNEXPECTED_EOF_WHILE_READING') return 'TLS ended without close_notify; transfer aborted.'
  if (codeFor(code) === 426) return 'Connection closed; transfer aborted.'
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno)
  return known?.[1] ?? code
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
