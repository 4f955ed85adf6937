import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type FtpFixture, randomBytes, type StartFtpServerOptions } from '../../src/index.ts'
import { ftpsFixture, secured } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'

const CONTENT = randomBytes('200KiB', { seed: 1 })

/** How long anything may take that ought to happen at once. */
const SOON_MS = 15_000

/** A client that does one thing, as far as it gets; it may get nowhere. */
export interface Way {
  readonly name: string
  readonly options?: StartFtpServerOptions
  /** `opened` is told of each connection beside the client's own. */
  go(client: RawClient, ftp: FtpFixture, opened: (socket: Socket) => void): Promise<unknown>
}

type Transfer = (client: RawClient, open: () => Promise<Socket>) => Promise<unknown>

const download: Transfer = async (client, open) => {
  const data = (await open()).resume()
  data.once('end', () => data.end())
  client.send('RETR a.bin')
}

const upload: Transfer = async (client, open) => {
  const data = (await open()).resume()
  client.send('STOR b.bin')
  data.end(CONTENT)
}

function passively(verb: string, transfer: Transfer): Way {
  return {
    name: `${verb}, passive`,
    go: (client, _ftp, opened) => transfer(client, () => passive(client, opened)),
  }
}

function actively(verb: string, transfer: Transfer): Way {
  return { name: `${verb}, active`, go: (client, _ftp, opened) => transfer(client, () => active(client, opened)) }
}

function encrypted(verb: string, transfer: Transfer): Way {
  const open = async (client: RawClient, { ca, host }: FtpFixture, opened: (socket: Socket) => void) => {
    const socket = connectTls({ socket: await passive(client, opened), ca: ca ?? '', host, rejectUnauthorized: false })
    opened(socket.on('error', () => {}))
    return socket
  }
  return {
    name: `${verb}, encrypted`,
    options: { tls: true, tlsHandshakeTimeout: 0 },
    go: (client, ftp, opened) => transfer(client, () => open(client, ftp, opened)),
  }
}

async function passive(client: RawClient, opened: (socket: Socket) => void): Promise<Socket> {
  const socket = await client.passive()
  opened(socket)
  return socket
}

/** Listens until somebody comes, or the control connection goes. */
async function active(client: RawClient, opened: (socket: Socket) => void): Promise<Socket> {
  const listener = createServer({ allowHalfOpen: true })
  client.socket.once('close', () => listener.close())
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const arrived = once(listener, 'connection') as Promise<[Socket]>
  listener.on('connection', (socket) => {
    opened(socket.on('error', () => {}))
    listener.close()
  })
  const { port } = listener.address() as AddressInfo
  await client.command(`PORT 127,0,0,1,${port >> 8},${port & 255}`, 200)
  const [socket] = await arrived
  return socket
}

const kinds = [passively, actively, encrypted]

export const downloads: readonly Way[] = kinds.map((kind) => kind('RETR', download))
export const uploads: readonly Way[] = kinds.map((kind) => kind('STOR', upload))

/** A client that sends a line. */
export function saying(line: string): Way {
  return { name: line, go: async (client) => client.send(line) }
}

/** A client that connects, beside the one that is there. */
export const connecting: Way = {
  name: 'connecting',
  async go(_client, ftp, opened) {
    const other = await RawClient.connect(ftp)
    opened(other.socket)
  },
}

/** A client that is about to encrypt its connection. */
export const encrypting: Way = {
  name: 'AUTH',
  options: { tls: true, tlsHandshakeTimeout: 0 },
  async go(_client, ftp, opened) {
    const other = await RawClient.connect(ftp)
    opened(other.socket)
    await other.expect(220)
    await other.command('AUTH TLS', 234)
    opened(connectTls({ socket: other.socket, rejectUnauthorized: false }).on('error', () => {}))
  },
}

/** A server with a file to fetch. */
export function fixture(options: StartFtpServerOptions = {}): Promise<FtpFixture> {
  return ftpsFixture({ tls: false, files: { 'a.bin': CONTENT }, ...options })
}

/** A client that has logged in, over TLS where the server speaks it. */
export function logIn(ftp: FtpFixture): Promise<RawClient> {
  return ftp.ca === undefined ? RawClient.login(ftp) : secured(ftp)
}

/** Rejects when something takes its time that should not. */
export async function within(what: string, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${SOON_MS} ms`)), SOON_MS)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
