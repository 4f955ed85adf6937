import type { Session } from '../handlers/session.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { farewell } from './login.ts'
import type { CommandTable } from './table.ts'

/** RFC 2228 §3 as RFC 4217 uses it: for a handler that speaks TLS. */
export const securityCommands: CommandTable = {
  AUTH: { argument: 'text', beforeLogin: true, feature: 'AUTH TLS', help: 'AUTH <SP> TLS | SSL', run: auth },
  PBSZ: { argument: 'text', beforeLogin: true, feature: 'PBSZ', help: 'PBSZ <SP> 0', run: pbsz },
  PROT: { argument: 'text', beforeLogin: true, feature: 'PROT', help: 'PROT <SP> C | P', run: prot },
}

/** Those of RFC 4217 §2 and §17, and SSL for clients from before. */
const MECHANISMS = ['TLS', 'TLS-C', 'SSL', 'TLS-P']

/**
 *   C: AUTH TLS
 *   S: 234                 in clear; bytes that came behind AUTH in clear are thrown away
 *   C: ClientHello …       a handshake that fails ends the connection: there is nothing left to say it over
 *
 * Whoever was logged in has to do so again (RFC 2228 §3): somebody on the way may have said what came in clear.
 */
function auth(session: Session, argument: string): Reply {
  const { handler } = session
  const mechanism = argument.toUpperCase()
  if (handler.isSecure) return reply(503, 'Already using TLS.')
  if (!MECHANISMS.includes(mechanism)) return reply(504, 'Unrecognized encryption type (use TLS or SSL).')
  const { afterwards: callBack } = farewell(session, session.logOut())
  session.reset()
  const afterwards = async () => {
    // At once: the ClientHello must not be read as a command while a callback takes its time.
    const secured = handler.secureControl()
    await callBack?.()
    await secured
  }
  return { ...reply(234, `AUTH ${mechanism} successful.`), afterwards }
}

/** TLS has no buffer of its own to agree on: RFC 4217 §8 has 0, and any other size is answered with it. */
function pbsz(session: Session, argument: string): Reply {
  if (!session.handler.isSecure) return reply(503, 'PBSZ not allowed on insecure control connection.')
  if (!/^\d+$/.test(argument) || Number(argument) > 0xffff_ffff) return reply(501, 'Invalid buffer size.')
  session.protectionBufferSize = 0
  return reply(200, 'PBSZ=0 successful.')
}

async function prot(session: Session, argument: string): Promise<Reply> {
  const level = argument.toUpperCase()
  if (!session.handler.isSecure) return reply(503, 'PROT not allowed on insecure control connection.')
  if (session.protectionBufferSize === undefined) return reply(503, 'You must issue the PBSZ command prior to PROT.')
  if (level === 'S' || level === 'E') return reply(536, `PROT ${level} unsupported (use C or P).`)
  if (level !== 'C' && level !== 'P') return reply(504, 'Unrecognized PROT type (use C or P).')
  if (level === 'C' && session.options.tlsDataRequired) return reply(534, 'SSL/TLS required on the data channel.')
  // One that is set up already would go on as it began, in clear perhaps where it must not; a transfer may.
  if (level !== session.protection && session.dataConnection.state.is !== 'transferring') {
    await session.dataConnection.close()
  }
  session.protection = level
  return reply(200, `Protection set to ${level === 'P' ? 'Private' : 'Clear'}.`)
}
