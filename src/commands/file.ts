import type { Session } from '../handlers/session.ts'
import { type FinalReply, type Reply, reply } from '../protocol/reply.ts'
import { formatTimeValue, parseTimeValue } from '../protocol/time.ts'
import type { CommandTable } from './table.ts'

/** RFC 959 §4.1.3; SIZE and MDTM are RFC 3659 §3 and §4, MFMT is draft-somers-ftp-mfxx §3.1. */
export const fileCommands: CommandTable = {
  DELE: { argument: 'path', perm: 'd', help: 'DELE <SP> file', run: dele },
  RNFR: { argument: 'path', perm: 'f', help: 'RNFR <SP> file', run: rnfr },
  RNTO: { argument: 'path', perm: 'f', help: 'RNTO <SP> file', run: rnto },
  SIZE: { argument: 'path', perm: 'l', feature: 'SIZE', help: 'SIZE <SP> file', run: size },
  MDTM: { argument: 'path', perm: 'l', feature: 'MDTM', help: 'MDTM <SP> file', run: mdtm },
  MFMT: { argument: 'value path', perm: 'T', feature: 'MFMT', help: 'MFMT <SP> YYYYMMDDHHMMSS <SP> file', run: mfmt },
}

async function dele({ fs }: Session, path: string): Promise<Reply> {
  await fs.remove(path)
  return reply(250, 'File removed.')
}

async function rnfr(session: Session, path: string): Promise<Reply> {
  if (path === '/') return reply(550, "Can't rename home directory.")
  if (!(await session.fs.lexists(path))) return reply(550, 'No such file or directory.')
  session.renameFrom = path
  return reply(350, 'Ready for destination name.')
}

async function rnto(session: Session, path: string): Promise<Reply> {
  const from = session.take('renameFrom')
  if (from === undefined) return reply(503, 'Bad sequence of commands: use RNFR first.')
  await session.fs.rename(from, path)
  return reply(250, 'Renaming ok.')
}

/** The size in TYPE A would be that after conversion (RFC 3659 §4.3), which no server counts: vsftpd and ProFTPD refuse too. */
async function size(session: Session, path: string): Promise<Reply> {
  if (session.type === 'A') return reply(550, 'SIZE not allowed in ASCII mode.')
  return (await notAFile(session, path)) ?? reply(213, String(await session.fs.getsize(path)))
}

async function mdtm(session: Session, path: string): Promise<Reply> {
  const refusal = await notAFile(session, path)
  if (refusal) return refusal
  return reply(213, formatTimeValue(await session.fs.getmtime(path), session.options.useGmtTimes))
}

async function mfmt(session: Session, path: string, value: string): Promise<Reply> {
  const { useGmtTimes } = session.options
  const epochMs = parseTimeValue(value, useGmtTimes)
  if (epochMs === undefined) return reply(550, 'Invalid time format; expected: YYYYMMDDHHMMSS.')
  const refusal = await notAFile(session, path)
  if (refusal) return refusal
  await session.fs.utime(path, epochMs)
  return reply(213, `Modify=${formatTimeValue(epochMs, useGmtTimes)}; ${path}`)
}

async function notAFile({ fs }: Session, path: string): Promise<FinalReply | undefined> {
  const stat = await fs.stat(path)
  return stat.isFile() ? undefined : reply(550, 'Not a regular file.')
}
