import type { Session } from '../handlers/session.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { columns, syntaxOf } from './information.ts'
import type { CommandTable } from './table.ts'

const PREFIX = 'SITE '

/** RFC 959 §4.1.3: what this server has of its own. */
export const siteCommands: CommandTable = {
  'SITE HELP': { argument: 'text?', beforeLogin: true, help: 'SITE HELP [<SP> command]', run: siteHelp },
  'SITE CHMOD': { argument: 'value path', perm: 'M', help: 'SITE CHMOD <SP> mode <SP> path', run: siteChmod },
}

function siteHelp({ commands }: Session, argument: string): Reply {
  if (argument !== '') return syntaxOf(commands, PREFIX + argument.toUpperCase())
  const verbs = Object.keys(commands).filter((verb) => verb.startsWith(PREFIX))
  return reply(214, 'The following SITE commands are recognized:', ...columns(verbs), 'Help SITE command successful.')
}

async function siteChmod({ fs }: Session, path: string, mode: string): Promise<Reply> {
  if (!/^[0-7]{3,4}$/.test(mode)) return reply(501, 'Invalid SITE CHMOD format: the mode is not octal.')
  await fs.chmod(path, Number.parseInt(mode, 8))
  return reply(200, 'SITE CHMOD successful.')
}
