import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { type FtpFixture, type StartFtpServerOptions, startFtpServer } from '../../src/index.ts'
import type { EventOf } from '../../src/server.ts'
import { overTls, RawClient, readAll } from './raw-client.ts'

/** A fixture that speaks TLS, with a small file and one that is larger than all buffers on the way. */
export function ftpsFixture(options: StartFtpServerOptions = {}): Promise<FtpFixture> {
  const files = { 'a.txt': 'over the wire\n', 'big.bin': { size: '20MiB', seed: 3 }, 'empty.bin': '' } as const
  return startFtpServer({ tls: true, files, ...options })
}

/** What a client checks: that the certificate is the server's, by its address. */
export function trusting(
  { ca, host }: Pick<FtpFixture, 'ca' | 'host'>,
  more: ConnectionOptions = {},
): ConnectionOptions {
  return { ca: ca ?? '', host, ...more }
}

/** One version of TLS and no other. */
export function only(version: 'TLSv1.2' | 'TLSv1.3'): ConnectionOptions {
  return { minVersion: version, maxVersion: version }
}

/** A client whose control connection is encrypted; not logged in. */
export async function encrypted(ftp: FtpFixture, options: ConnectionOptions = {}): Promise<RawClient> {
  const client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.secure(trusting(ftp, options))
  return client
}

/** A client that has logged in over TLS, in TYPE I, its data connections protected as said. */
export async function secured(
  ftp: FtpFixture,
  { protection = 'P', ...options }: ConnectionOptions & { readonly protection?: 'C' | 'P' } = {},
): Promise<RawClient> {
  const client = await encrypted(ftp, options)
  await logIn(client)
  await client.command('PBSZ 0', 200)
  await client.command(`PROT ${protection}`, 200)
  return client
}

/** Logs in, in TYPE I. */
export async function logIn(client: RawClient): Promise<void> {
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  await client.command('TYPE I', 200)
}

/** A client of a server with implicit TLS, the greeting unread. */
export async function implicit(ftp: FtpFixture, options: ConnectionOptions = {}): Promise<RawClient> {
  const client = await RawClient.connect(ftp)
  await client.startTls(trusting(ftp, options))
  return client
}

/** A passive data connection, encrypted. */
export async function protectedData(client: RawClient, options: ConnectionOptions): Promise<TLSSocket> {
  return overTls(await client.passive(client.socket.remoteFamily === 'IPv6' ? 'EPSV' : 'PASV'), options)
}

/** What a command sends over a data connection that is encrypted. */
export async function fetchOver(client: RawClient, data: Socket, command: string): Promise<Buffer> {
  const bytes = readAll(data)
  await client.command(command, 125, 150)
  const result = await bytes
  await client.expect(226)
  return result
}

/** Sends bytes with a command over a data connection that is encrypted, to its orderly end on both sides. */
export async function storeOver(client: RawClient, data: Socket, command: string, content: Uint8Array | string) {
  await client.command(command, 125, 150)
  data.resume().end(content)
  await client.expect(226)
  if (!data.destroyed) await once(data, 'close')
}

/** What the time line has of connections that were encrypted. */
export function encryptions(ftp: FtpFixture, connection?: 'control' | 'data'): EventOf<'tls'>[] {
  const all = ftp.transcript.events.filter((event) => event.type === 'tls')
  return all.filter((event) => connection === undefined || event.connection === connection)
}

/** What the time line has of connections that could not be. */
export function failures(ftp: FtpFixture): EventOf<'tls-failed'>[] {
  return ftp.transcript.events.filter((event) => event.type === 'tls-failed')
}

/** The certificate that a server shows to a client that asks for a name. */
export async function shownCertificate({ host, port }: FtpFixture['server']['address'], options: ConnectionOptions) {
  const socket = connect({ host, port, rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  const certificate = socket.getPeerX509Certificate()
  socket.destroy()
  await once(socket, 'close')
  if (certificate === undefined) throw new Error('no certificate was shown')
  return certificate
}

/**
 * The client's end of a connection, with what came over it as it stands on the wire. It keeps the end of the connection
 * to itself: TLS spoken over it comes to an end only where the other side says so (close_notify, RFC 8446 §6.1).
 */
export class Tap extends Duplex {
  readonly #socket: Socket
  readonly #received: Buffer[] = []

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#received.push(bytes)
      if (!this.push(bytes)) socket.pause()
    })
    socket.on('error', () => {})
  }

  /** What has come so far. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  /** The types of the records that have come (RFC 8446 §5.1): 21 is an alert, 22 a handshake, 23 anything encrypted. */
  get records(): number[] {
    const types: number[] = []
    const bytes = this.received
    for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) types.push(bytes[at] ?? -1)
    return types
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}
