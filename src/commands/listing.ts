import type { Session } from '../handlers/session.ts'
import { formatFactFeature } from '../protocol/facts.ts'
import { formatNameLine } from '../protocol/listing.ts'
import { quotePath } from '../protocol/path.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { describeForList, entryLines, nameLines, namesAt } from './directory-lines.ts'
import { FactLister } from './fact-lister.ts'
import type { CommandTable } from './table.ts'

/** RFC 959 §4.1.3 and RFC 3659 §7. */
export const listingCommands: CommandTable = {
  LIST: { argument: 'listing path?', perm: 'l', transfers: true, help: 'LIST [<SP> path]', run: list },
  NLST: { argument: 'listing path?', perm: 'l', transfers: true, help: 'NLST [<SP> path]', run: nlst },
  MLSD: { argument: 'path?', perm: 'l', transfers: true, help: 'MLSD [<SP> directory]', run: mlsd },
  MLST: {
    argument: 'path?',
    perm: 'l',
    feature: (session) => formatFactFeature(session.facts),
    help: 'MLST [<SP> path]',
    run: mlst,
  },
}

async function list(session: Session, path: string): Promise<Reply> {
  const { account } = session
  const names = await namesAt(session, path)
  const describe = describeForList(session, account, names.directory)
  return session.transfer({ list: entryLines(session, account, names, describe), path })
}

async function nlst(session: Session, path: string): Promise<Reply> {
  const names = await namesAt(session, path)
  return session.transfer({ list: nameLines(session, names, formatNameLine), path })
}

async function mlsd(session: Session, path: string): Promise<Reply> {
  const { account } = session
  const stat = await session.fs.stat(path)
  if (!stat.isDirectory()) return reply(501, 'Not a directory.')
  const names = await namesAt(session, path)
  const lister = new FactLister(session, path)
  return session.transfer({ list: entryLines(session, account, names, (name, stat) => lister.line(name, stat)), path })
}

/** The fact line is led by one space and names the path in full (RFC 3659 §7.2). */
async function mlst(session: Session, path: string): Promise<Reply> {
  await session.fs.stat(path)
  const facts = await FactLister.lineOf(session, path)
  return reply(250, `Listing ${quotePath(path)}:`, ` ${facts}`, 'End MLST.')
}
