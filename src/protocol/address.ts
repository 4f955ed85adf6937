import { isIP, isIPv4, isIPv6 } from 'node:net'

/** RFC 2428 §2: 1 is IPv4, 2 is IPv6. */
export type NetworkProtocol = 1 | 2

/** Where a data connection goes to or is awaited. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** Why an EPRT argument is refused: RFC 2428 §2 has 522 for a protocol the server does not speak here. */
export type ExtendedAddress =
  | (HostPort & { readonly networkProtocol: NetworkProtocol })
  | 'malformed'
  | 'unknown protocol'

/** The six numbers of PORT (RFC 959 §5.3.2), or `undefined` when they are not six numbers from 0 to 255. */
export function parsePort(argument: string): HostPort | undefined {
  const numbers = argument.split(',').map(byte)
  const [a, b, c, d, high, low, ...rest] = numbers
  if (rest.length > 0 || high === undefined || low === undefined || numbers.includes(undefined)) return undefined
  return { host: `${a}.${b}.${c}.${d}`, port: high * 256 + low }
}

/** The argument of EPRT, `|1|132.235.1.2|6275|` with any printable delimiter (RFC 2428 §2). */
export function parseExtendedPort(argument: string): ExtendedAddress {
  const delimiter = argument[0]
  if (delimiter === undefined || !/^[!-~]$/.test(delimiter)) return 'malformed'
  const [, protocol, host, port, after, ...rest] = argument.split(delimiter)
  if (after !== '' || rest.length > 0 || host === undefined || port === undefined) return 'malformed'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535 || !/^\d+$/.test(protocol ?? '')) return 'malformed'
  if (protocol !== '1' && protocol !== '2') return 'unknown protocol'
  if (!(protocol === '1' ? isIPv4(host) : isIPv6(host)) || host.includes('%')) return 'malformed'
  return { networkProtocol: protocol === '1' ? 1 : 2, host, port: Number(port) }
}

/** The text of 227 for an IPv4 address (RFC 959 §5.4, RFC 1123 §4.1.2.6). */
export function formatPassive({ host, port }: HostPort): string {
  return `Entering passive mode (${host.replaceAll('.', ',')},${port >> 8},${port & 255}).`
}

/** The text of 229 (RFC 2428 §3): a port, never an address. */
export function formatExtendedPassive(port: number): string {
  return `Entering extended passive mode (|||${port}|).`
}

/** An address and a port for people: an IPv6 address stands in brackets. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** An IPv4 address in place of its IPv6-mapped form (`::ffff:a.b.c.d`), as a dual-stack socket reports it. */
export function unmapAddress(address: string): string {
  const tail = /^::ffff:(.+)$/i.exec(address)?.[1]
  return tail !== undefined && isIPv4(tail) ? tail : address
}

/** Which of RFC 2428's protocols an address belongs to. */
export function networkProtocolOf(address: string): NetworkProtocol {
  return isIP(unmapAddress(address)) === 6 ? 2 : 1
}

/** Whether two spellings name one address, `::1` and `0:0:0:0:0:0:0:1` say; one without a zone may be in any. */
export function sameAddress(one: string, other: string): boolean {
  if (one === other) return true
  const [zone, otherZone] = [zoneOf(one), zoneOf(other)]
  const areApart = zone !== undefined && otherZone !== undefined && zone !== otherZone
  return !areApart && canonical(one) === canonical(other)
}

/** Of `fe80::1%eth0`, the part that says in which net (RFC 4007 §11); two nets may have hosts of one address. */
function zoneOf(address: string): string | undefined {
  return /%(.+)$/.exec(address)?.[1]
}

function canonical(address: string): string {
  const plain = unmapAddress(address.replace(/%.*$/, ''))
  // To find out what is IPv6, Node compiles an expression that takes milliseconds: not for what cannot be.
  return plain.includes(':') && isIPv6(plain)
    ? unmapAddress(unmapHex(new URL(`ftp://[${plain}]`).hostname.slice(1, -1)))
    : plain
}

function unmapHex(address: string): string {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address)
  if (!match) return address
  const [high, low] = [Number.parseInt(match[1] ?? '', 16), Number.parseInt(match[2] ?? '', 16)]
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

function byte(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : undefined
}
