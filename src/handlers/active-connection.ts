import type { Socket } from 'node:net'
import { Connector } from '../ioloop/connector.ts'
import type { HostPort } from '../protocol/address.ts'
import { DataConnectionError } from './error-reply.ts'
import type { ConnectPlan } from './seams.ts'
import type { Session } from './session.ts'

/**
 * A connection to the client (PORT, EPRT). `attempt` is told what would give it up, unless it is made later than it was
 * asked for: then the end of the session does. Throws `DataConnectionError`.
 */
export async function connectToClient(
  session: Session,
  target: HostPort,
  plan: ConnectPlan | undefined,
  attempt: (connector: Connector) => void,
): Promise<Socket> {
  const { ioloop, options, localAddress, handler } = session
  const local = { localAddress: plan?.localAddress ?? localAddress, noDelay: options.tcpNoDelay }
  const connector = new Connector(ioloop, { ...target, ...local }, options.activeTimeout)
  const giveUp = () => connector.close()
  if (plan?.after === undefined) attempt(connector)
  else session.signal.addEventListener('abort', giveUp)
  try {
    const socket = await connector.connected
    handler.emit({ type: 'data-open', mode: 'active', remoteAddress: target.host, remotePort: target.port })
    return socket
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const origin = plan?.localAddress === undefined ? '' : ` from ${plan.localAddress}`
    throw new DataConnectionError(`Can't connect to ${target.host}:${target.port}${origin}: ${code ?? message}.`)
  } finally {
    if (plan?.after !== undefined) session.signal.removeEventListener('abort', giveUp)
  }
}
