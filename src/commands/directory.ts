import type { Session } from '../handlers/session.ts'
import { quotePath } from '../protocol/path.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { CommandSpec, CommandTable } from './table.ts'

const CWD: CommandSpec = { argument: 'path or root', perm: 'e', help: 'CWD [<SP> directory]', run: cwd }
const CDUP: CommandSpec = { argument: 'parent', perm: 'e', help: 'CDUP', run: cwd }
const PWD: CommandSpec = { argument: 'none', help: 'PWD', run: pwd }
const MKD: CommandSpec = { argument: 'path', perm: 'm', help: 'MKD <SP> directory', run: mkd }
const RMD: CommandSpec = { argument: 'path', perm: 'd', help: 'RMD <SP> directory', run: rmd }

/** RFC 959 §4.1.1 and §4.1.3; the X forms are those of RFC 775, which old clients use (RFC 1123 §4.1.3.1). */
export const directoryCommands: CommandTable = {
  CWD,
  CDUP,
  PWD,
  MKD,
  RMD,
  XCWD: { ...CWD, help: 'XCWD [<SP> directory]' },
  XCUP: { ...CDUP, help: 'XCUP' },
  XPWD: { ...PWD, help: 'XPWD' },
  XMKD: { ...MKD, help: 'XMKD <SP> directory' },
  XRMD: { ...RMD, help: 'XRMD <SP> directory' },
}

async function cwd({ fs }: Session, path: string): Promise<Reply> {
  await fs.chdir(path)
  return reply(250, `${quotePath(fs.cwd)} is the current directory.`)
}

function pwd({ fs }: Session): Reply {
  return reply(257, `${quotePath(fs.cwd)} is the current directory.`)
}

async function mkd({ fs }: Session, path: string): Promise<Reply> {
  await fs.mkdir(path)
  return reply(257, `${quotePath(path)} directory created.`)
}

async function rmd({ fs }: Session, path: string): Promise<Reply> {
  if (path === '/') return reply(550, "Can't remove root directory.")
  await fs.rmdir(path)
  return reply(250, 'Directory removed.')
}
