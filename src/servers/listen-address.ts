import type { ListenOptions, Server } from 'node:net'
import { invalidOption, isString, optional, rejectUnknownKeys, wholeNumber } from '../options/check.ts'
import { FtpFixtureError } from '../options/error.ts'

/** Where a server listens: an address (port 0 takes a free one, `::` takes IPv4 too), or a socket that is there already. */
export type ListenAddress = { readonly host?: string; readonly port?: number } | { readonly fd: number } | Server

const isHost = optional(isString)
const isPort = optional(wholeNumber(0, 65_535))
const isDescriptor = wholeNumber(0)

/** Throws `FtpFixtureError` for what is no address. */
export function checkAddress(address: unknown): void {
  const expected = '{ host, port }, { fd } or a net.Server'
  if (typeof address !== 'object' || address === null) throw invalidOption('address', address, expected)
  if ('listen' in address) return
  const { host, port, fd } = address as Readonly<Record<string, unknown>>
  rejectUnknownKeys(address, ['host', 'port', 'fd'], 'field of address')
  isHost(host, 'address.host')
  isPort(port, 'address.port')
  if (!('fd' in address)) return
  isDescriptor(fd, 'address.fd')
  if (host !== undefined || port !== undefined) throw invalidOption('address', address, expected)
}

/** The net.Server that somebody else made, where that is the address. */
export function existingServer(address: ListenAddress): Server | undefined {
  return 'listen' in address ? address : undefined
}

/** The address in the form that `net.Server.listen` takes; the loopback address where none is given. */
export function listenTarget(address: ListenAddress, backlog: number): ListenOptions & { readonly fd?: number } {
  if ('fd' in address) return { fd: address.fd, backlog }
  const { host, port } = 'listen' in address ? {} : address
  return { host: host || '127.0.0.1', port: port || 0, backlog }
}

/** The error for an address that cannot be listened on, which it names. */
export function listenFailed(target: ListenOptions & { readonly fd?: number }, error: unknown): FtpFixtureError {
  const { code, message } = error as NodeJS.ErrnoException
  const where = target.fd === undefined ? `${target.host} port ${target.port}` : `descriptor ${target.fd}`
  const why = EXPLANATIONS[code ?? ''] ?? message
  return new FtpFixtureError('ERR_LISTEN_FAILED', `cannot listen on ${where}: ${why}`, { cause: error })
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EADDRNOTAVAIL: 'the machine has no such address',
  EACCES: 'no permission (ports below 1024 need privileges)',
  ENOTFOUND: 'no such host',
}
