import type { Awaitable } from '../authorizers/authorizer.ts'
import type { OpenFile } from '../filesystems/open-file.ts'
import type { Session } from '../handlers/session.ts'
import { andThen } from '../ioloop/awaitable.ts'
import { baseName, parentPath } from '../protocol/path.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { CommandTable } from './table.ts'

/** RFC 959 §4.1.3 and RFC 3659 §5 (REST). */
export const transferCommands: CommandTable = {
  RETR: { argument: 'path', perm: 'r', transfers: true, help: 'RETR <SP> file', run: retr },
  STOR: { argument: 'path', perm: 'w', transfers: true, help: 'STOR <SP> file', run: stor },
  APPE: { argument: 'path', perm: 'a', transfers: true, help: 'APPE <SP> file', run: appe },
  STOU: { argument: 'path?', perm: 'w', transfers: true, help: 'STOU [<SP> file]', run: stou },
  REST: { argument: 'text', feature: 'REST STREAM', help: 'REST <SP> offset', run: rest },
  ABOR: { argument: 'none', urgent: true, help: 'ABOR', run: abor },
}

function retr(session: Session, path: string): Awaitable<Reply> {
  const restartMarker = session.take('restartMarker') ?? 0
  return andThen(session.fs.open(path, 'r'), (file) =>
    andThen(seek(file, restartMarker), (refusal) => refusal ?? session.transfer({ send: file, restartMarker })),
  )
}

function stor(session: Session, path: string): Awaitable<Reply> {
  const restartMarker = session.take('restartMarker') ?? 0
  return andThen(session.fs.open(path, restartMarker === 0 ? 'w' : 'r+'), (file) =>
    andThen(seek(file, restartMarker), (refusal) => refusal ?? session.transfer({ receive: file, restartMarker })),
  )
}

async function appe(session: Session, path: string): Promise<Reply> {
  if (session.take('restartMarker')) return reply(450, "Can't APPE while REST request is pending.")
  return session.transfer({ receive: await session.fs.open(path, 'a'), restartMarker: 0 })
}

/** The name stands in the preliminary reply, as RFC 1123 §4.1.2.9 wants it. */
async function stou(session: Session, path: string): Promise<Reply> {
  if (session.take('restartMarker')) return reply(450, "Can't STOU while REST request is pending.")
  const named = path !== session.fs.cwd
  const directory = named ? parentPath(path) : path
  const file = await session.fs.mkstemp(directory, named ? `${baseName(path)}.` : 'ftp.')
  return session.transfer({ receive: file, restartMarker: 0, announcement: `FILE: ${baseName(file.path)}` })
}

/** RFC 3659 §5.3 ff.; in TYPE A the offset would count bytes that the file does not have. */
function rest(session: Session, argument: string): Reply {
  if (session.type === 'A') return reply(501, 'Resuming transfers not allowed in ASCII mode.')
  const restartMarker = /^\d+$/.test(argument) ? Number(argument) : Number.NaN
  if (!Number.isSafeInteger(restartMarker)) return reply(501, 'Invalid parameter.')
  session.restartMarker = restartMarker
  return reply(350, `Restarting at position ${restartMarker}.`)
}

/** RFC 959 §4.1.3: the transfer's 426 comes first, then the 226 for ABOR itself. */
async function abor({ dataConnection }: Session): Promise<Reply> {
  switch (dataConnection.state.is) {
    case 'closed':
      // Of a transfer that is done, one may be open still.
      await dataConnection.close()
      return reply(225, 'No transfer to abort.')
    case 'transferring':
      await dataConnection.state.transfer.abort(reply(426, 'Transfer aborted via ABOR.'))
      return reply(226, 'ABOR command successful.')
    default:
      await dataConnection.close()
      return reply(225, 'ABOR command successful; data channel closed.')
  }
}

function seek(file: OpenFile, restartMarker: number): Awaitable<Reply | undefined> {
  return restartMarker === 0 ? undefined : seekBeyondStart(file, restartMarker)
}

async function seekBeyondStart(file: OpenFile, restartMarker: number): Promise<Reply | undefined> {
  if (restartMarker > file.size) {
    await file.close()
    return reply(554, `Invalid REST parameter: the file has ${file.size} bytes.`)
  }
  try {
    file.seek(restartMarker)
  } catch (error) {
    await file.close()
    throw error
  }
  return undefined
}
