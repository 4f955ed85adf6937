import { IOLoop } from '../../ioloop/ioloop.ts'
import { FtpFixtureError } from '../../options/error.ts'
import { threadName } from '../thread.ts'
import { type ControlAddress, originOf } from './address.ts'
import { answerIn, type ControlAnswer, ControlClient } from './control-client.ts'
import { RemoteFtpServer, SERVER } from './remote-ftp-server.ts'
import type { ServerInfo } from './server-info.ts'

/** How long somebody who listens may take to say who he is. */
const LIMIT_MS = 10_000

/** Takes hold of the server behind a control API; throws `ERR_CONTROL_FAILED` where there is none to take hold of. */
export async function holdOn(address: ControlAddress, limitMs: number = LIMIT_MS): Promise<RemoteFtpServer> {
  const client = new ControlClient(address)
  try {
    const info = infoIn(client, await introduction(client, limitMs))
    if (info.thread === threadName()) {
      throw failed(address, 'the server runs in this very thread: use the fixture itself')
    }
    return new RemoteFtpServer(client, info)
  } catch (error) {
    await client.close()
    throw error
  }
}

async function introduction(client: ControlClient, limitMs: number): Promise<ControlAnswer> {
  const ioloop = new IOLoop()
  const limit = new AbortController()
  ioloop.callLater(limitMs, () => limit.abort())
  try {
    return await answerIn(await client.open(SERVER, limit.signal))
  } catch (error) {
    if (limit.signal.aborted) throw failed(client.address, `no answer within ${limitMs} ms`)
    const cause = ((error as Error).cause ?? error) as NodeJS.ErrnoException
    // What speaks first, as an FTP server does, or speaks another language.
    if (cause.code?.startsWith('HPE_')) throw failed(client.address, `what answers is no HTTP (${cause.message})`)
    throw failed(client.address, `nobody is there (${cause.message})`)
  } finally {
    ioloop.close()
  }
}

function infoIn(client: ControlClient, answer: ControlAnswer): ServerInfo {
  if (answer.status === 401) throw failed(client.address, 'the token is not the one of this control API')
  const info = parsed(answer)
  const isTold = info !== undefined && (info.name === 'ftp-fixture' || 'error' in info)
  if (!isTold) throw failed(client.address, `there is no control API of ftp-fixture (status ${answer.status})`)
  return client.valueOf(SERVER, answer) as ServerInfo
}

function parsed({ body }: ControlAnswer): Partial<ServerInfo> | undefined {
  try {
    const value: unknown = JSON.parse(String(body))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function failed(address: ControlAddress, reason: string): FtpFixtureError {
  return new FtpFixtureError('ERR_CONTROL_FAILED', `${originOf(address)}: ${reason}`)
}
