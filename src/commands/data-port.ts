import type { Awaitable } from '../authorizers/authorizer.ts'
import type { Session } from '../handlers/session.ts'
import { andThen } from '../ioloop/awaitable.ts'
import {
  formatExtendedPassive,
  formatHostPort,
  formatPassive,
  type HostPort,
  networkProtocolOf,
  parseExtendedPort,
  parsePort,
  sameAddress,
} from '../protocol/address.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { CommandTable } from './table.ts'

/** RFC 959 §4.1.2 and RFC 2428: where the data connection is made. */
export const dataPortCommands: CommandTable = {
  PASV: { argument: 'none', protects: 'data', endsWithEpsvAll: true, help: 'PASV', run: pasv },
  EPSV: { argument: 'text?', protects: 'data', feature: 'EPSV', help: 'EPSV [<SP> 1 | 2 | ALL]', run: epsv },
  PORT: { argument: 'text', protects: 'data', endsWithEpsvAll: true, help: 'PORT <SP> h,h,h,h,p,p', run: port },
  EPRT: {
    argument: 'text',
    protects: 'data',
    endsWithEpsvAll: true,
    feature: 'EPRT',
    help: 'EPRT <SP> |protocol|address|port|',
    run: eprt,
  },
  LPSV: { argument: 'none', endsWithEpsvAll: true, help: 'LPSV (obsolete)', run: obsolete },
  LPRT: { argument: 'text', endsWithEpsvAll: true, help: 'LPRT (obsolete)', run: obsolete },
}

function pasv(session: Session): Awaitable<Reply> {
  const { localAddress, options } = session
  const host = options.masqueradeAddressMap[localAddress] ?? options.masqueradeAddress ?? localAddress
  // 227 has room for four numbers only.
  if (networkProtocolOf(host) === 2) return reply(425, 'PASV needs IPv4; use EPSV.')
  return andThen(session.dataConnection.listen(), ({ port }) => reply(227, formatPassive({ host, port })))
}

function epsv(session: Session, argument: string): Awaitable<Reply> {
  if (argument.toUpperCase() === 'ALL') {
    session.epsvAll = true
    return reply(220, 'Other commands than EPSV are now disabled.')
  }
  const served = networkProtocolOf(session.localAddress)
  if (argument !== '' && argument !== String(served)) {
    return /^\d+$/.test(argument) ? wrongProtocol(session) : reply(501, 'Unrecognized parameter.')
  }
  return andThen(session.dataConnection.listen(), ({ port }) => reply(229, formatExtendedPassive(port)))
}

async function port(session: Session, argument: string): Promise<Reply> {
  const target = parsePort(argument)
  if (target === undefined) return reply(501, 'Invalid PORT format.')
  return connect(session, target)
}

async function eprt(session: Session, argument: string): Promise<Reply> {
  const target = parseExtendedPort(argument)
  if (target === 'malformed') return reply(501, 'Invalid EPRT format.')
  if (target === 'unknown protocol') return reply(501, 'Unknown network protocol.')
  if (target.networkProtocol !== networkProtocolOf(session.localAddress)) return wrongProtocol(session)
  return connect(session, target)
}

/** RFC 2577 §3: without these two checks the server could be made to attack others (the bounce attack). */
async function connect(session: Session, target: HostPort): Promise<Reply> {
  const { options, remoteAddress } = session
  if (!options.permitForeignAddresses && !sameAddress(target.host, remoteAddress)) {
    return reply(501, `Rejected data connection to foreign address ${formatHostPort(target.host, target.port)}.`)
  }
  if (!options.permitPrivilegedPorts && target.port < 1024) {
    return reply(501, `PORT against the privileged port ${target.port} refused.`)
  }
  await session.dataConnection.connect(target)
  return reply(200, 'Active data connection established.')
}

function wrongProtocol(session: Session): Reply {
  return reply(522, `Network protocol not supported, use (${networkProtocolOf(session.localAddress)}).`)
}

/** RFC 1639, which RFC 2428 replaced; known by name only, since EPSV ALL has to forbid them. */
function obsolete(): Reply {
  return reply(502, 'Obsolete; use EPSV or EPRT.')
}
