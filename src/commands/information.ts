import type { Session } from '../handlers/session.ts'
import { quotePath } from '../protocol/path.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { describeForList, entryLines, namesAt } from './directory-lines.ts'
import type { CommandTable } from './table.ts'

/** RFC 959 §4.1.3; FEAT is RFC 2389 §3. */
export const informationCommands: CommandTable = {
  FEAT: { argument: 'none', beforeLogin: true, help: 'FEAT', run: feat },
  HELP: { argument: 'text?', beforeLogin: true, help: 'HELP [<SP> command]', run: help },
  STAT: {
    argument: 'path or nothing',
    beforeLogin: true,
    perm: 'l',
    urgent: true,
    help: 'STAT [<SP> path]',
    run: stat,
  },
  SYST: { argument: 'none', beforeLogin: true, help: 'SYST', run: syst },
  NOOP: { argument: 'none', beforeLogin: true, help: 'NOOP', run: noop },
}

const VERBS_PER_LINE = 8

function feat(session: Session): Reply {
  const features = ['TVFS']
  for (const { feature } of Object.values(session.commands)) {
    const line = typeof feature === 'function' ? feature(session) : feature
    if (line !== undefined) features.push(line)
  }
  return reply(211, 'Features supported:', ...features.sort().map((line) => ` ${line}`), 'End FEAT.')
}

function help({ commands }: Session, argument: string): Reply {
  if (argument !== '') return syntaxOf(commands, argument.toUpperCase())
  const verbs = Object.keys(commands).filter((verb) => !verb.includes(' '))
  return reply(214, 'The following commands are recognized:', ...columns(verbs), 'Help command successful.')
}

/** The syntax of one command, as HELP and SITE HELP show it. */
export function syntaxOf(commands: CommandTable, verb: string): Reply {
  const spec = Object.hasOwn(commands, verb) ? commands[verb] : undefined
  return spec ? reply(214, `Syntax: ${spec.help}`) : reply(501, 'Unrecognized command.')
}

/** Verbs in rows, each led by a space. */
export function columns(verbs: readonly string[]): string[] {
  const sorted = [...verbs].sort()
  const width = Math.max(...sorted.map((verb) => verb.length))
  const rows: string[] = []
  for (let i = 0; i < sorted.length; i += VERBS_PER_LINE) {
    const row = sorted.slice(i, i + VERBS_PER_LINE).map((verb) => verb.padEnd(width))
    rows.push(` ${row.join(' ').trimEnd()}`)
  }
  return rows
}

async function stat(session: Session, path: string): Promise<Reply> {
  if (path === '') return reply(211, 'FTP server status:', ...status(session), 'End of status.')
  // RFC 959 has no globbing, and pyftpdlib's clients know 550 for it; a file may have such a name all the same.
  if (/[*?[\]]/.test(path) && !(await session.fs.lexists(path))) return reply(550, 'Globbing not supported.')
  const { account } = session
  const names = await namesAt(session, path)
  const describe = describeForList(session, account, names.directory)
  const lines: string[] = []
  for await (const text of entryLines(session, account, names, describe)) {
    lines.push(...text.slice(0, -2).split('\r\n'))
  }
  return reply(213, `Status of ${quotePath(path)}:`, ...lines, 'End of status.')
}

function* status(session: Session): Generator<string> {
  const { login, remoteAddress, remotePort, type, dataConnection, bytesSent, bytesReceived } = session
  yield ` Connected to: ${remoteAddress}:${remotePort}`
  if (login.step === 'done') yield ` Logged in as: ${login.username}`
  else if (login.step === 'password') yield ' Waiting for password.'
  else yield ' Waiting for username.'
  yield ` TYPE: ${type === 'A' ? 'ASCII' : 'Image'}; STRUcture: File; MODE: Stream`
  yield dataConnection.describe()
  yield ` Bytes sent: ${bytesSent}; bytes received: ${bytesReceived}`
}

function syst(): Reply {
  return reply(215, 'UNIX Type: L8')
}

function noop(): Reply {
  return reply(200, 'NOOP ok.')
}
