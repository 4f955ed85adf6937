import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type FtpFixture, type Rule, randomBytes, type StartFtpServerOptions } from '../../src/index.ts'
import { ftpsFixture, implicit, secured } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'

/** A client that does one thing and whatever belongs to it, as far as it gets. */
export interface Way {
  readonly name: string
  readonly options?: StartFtpServerOptions
  /** Says what it has to say; `data` is told of each data connection. */
  go(client: RawClient, ftp: FtpFixture, data: (socket: Socket) => void): Promise<unknown>
}

type Transfer = (client: RawClient, open: () => Promise<Socket>) => Promise<unknown>

const download: Transfer = async (client, open) => {
  const data = await open()
  data.on('data', () => {})
  client.send('RETR a.bin')
  await Promise.all([once(data, 'end'), client.reply().then(() => client.reply())])
}

const upload: Transfer = async (client, open) => {
  const data = await open()
  data.on('data', () => {})
  client.send('STOR b.bin')
  await client.reply()
  data.end(CONTENT)
  await client.reply()
}

const list: Transfer = async (client, open) => {
  const data = await open()
  data.on('data', () => {})
  client.send('LIST')
  await Promise.all([once(data, 'end'), client.reply().then(() => client.reply())])
}

const CONTENT = randomBytes('200KiB', { seed: 1 })

function plainly(name: string, transfer: Transfer, mode: 'passive' | 'active'): Way {
  return {
    name: `${name}, ${mode}`,
    go: (client, _ftp, data) =>
      transfer(client, async () => {
        const socket = await client[mode]()
        data(socket)
        return socket
      }),
  }
}

function encrypted(name: string, transfer: Transfer): Way {
  return {
    name: `${name}, encrypted`,
    options: { tls: true },
    go: (client, ftp, data) =>
      transfer(client, async () => {
        const plain = await client.passive()
        data(plain)
        const socket = connectTls({ socket: plain, ca: ftp.ca ?? '', host: ftp.host, rejectUnauthorized: false })
        socket.on('error', () => {})
        data(socket)
        return socket
      }),
  }
}

const both = (name: string, transfer: Transfer) => [
  plainly(name, transfer, 'passive'),
  plainly(name, transfer, 'active'),
  encrypted(name, transfer),
]

export const downloads: readonly Way[] = both('RETR', download)
export const uploads: readonly Way[] = both('STOR', upload)
export const listings: readonly Way[] = [plainly('LIST', list, 'passive')]
export const command = (line: string): Way => ({ name: line, go: (client) => client.command(line) })

export const fixture = (options: StartFtpServerOptions = {}): Promise<FtpFixture> =>
  ftpsFixture({ tls: false, files: { 'a.bin': CONTENT }, ...options })

export const logIn = (ftp: FtpFixture): Promise<RawClient> =>
  ftp.server.options.certfile || ftp.ca ? secured(ftp) : RawClient.login(ftp)

export type { Rule }
export { connect, implicit }
