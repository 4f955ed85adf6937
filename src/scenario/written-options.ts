import type { ServerOptions } from '../servers/options.ts'

type WrittenOption = Exclude<keyof ServerOptions, 'sslContext'> | 'tls'

const flag = { type: 'boolean' }
const text = { type: 'string' }
const count = { type: 'integer', minimum: 0 }
const time = { $ref: '#/$defs/Duration' }
const bytes = { $ref: '#/$defs/Size' }
const speed = { $ref: '#/$defs/Rate' }
const version = { enum: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] }
const port = { type: 'integer', minimum: 1, maximum: 65_535 }

/** How the options are written in a file, as JSON Schema, and what they are for. */
export const writtenOptions: Readonly<Record<WrittenOption, readonly [object, string]>> = {
  timeout: [time, 'Silence on the control connection after which it ends with 421; 0 is never.'],
  banner: [text, "The greeting's text."],
  maxLoginAttempts: [count, 'Failed logins after which the connection is closed.'],
  authFailedTimeout: [time, 'How long the reply to a failed login waits.'],
  permitForeignAddresses: [flag, "Whether data connections may go to or come from other hosts than the client's."],
  permitPrivilegedPorts: [flag, 'Whether PORT and EPRT may name a port below 1024.'],
  masqueradeAddress: [text, 'The IPv4 address that PASV announces, as behind NAT.'],
  masqueradeAddressMap: [
    { type: 'object', additionalProperties: { type: 'string' } },
    'The address that PASV announces for each local address.',
  ],
  passivePorts: [
    {
      anyOf: [
        { type: 'array', items: port, minItems: 1 },
        { type: 'object', properties: { from: port, to: port }, required: ['from', 'to'] },
      ],
    },
    'Ports for passive data connections: a list, or a range.',
  ],
  useGmtTimes: [flag, 'Whether times in listings, MDTM and MFMT are GMT rather than local.'],
  tcpNoDelay: [flag, 'Whether sockets get TCP_NODELAY.'],
  encoding: [text, "The encoding of commands, replies and listings: 'utf-8', 'latin1', 'shift-jis' and others."],
  unicodeErrors: [
    { enum: ['replace', 'strict'] },
    'Whether bytes that are not in the encoding are replaced or refused with 501.',
  ],
  dataTimeout: [time, 'Standstill of a transfer after which the session ends with 421; 0 is never.'],
  passiveTimeout: [time, 'How long a passive data connection is awaited; 0 is for ever.'],
  activeTimeout: [time, 'How long an active data connection may take to open; 0 is as long as the system tries.'],
  receiveBufferSize: [bytes, 'Bytes read from the network at once while receiving a file.'],
  sendBufferSize: [bytes, 'Bytes read from a file at once while sending it.'],
  readLimit: [speed, 'Bytes per second that one data connection takes at most; 0 is no limit.'],
  writeLimit: [speed, 'Bytes per second that one data connection sends at most; 0 is no limit.'],
  useSendfile: [flag, 'Whether plain downloads go by sendfile(2), where there is one.'],
  logPrefix: [text, 'What the lines of a session begin with in the log.'],
  certfile: [text, 'The PEM file with the certificate, relative to this file.'],
  keyfile: [text, 'The PEM file with the private key, relative to this file.'],
  sslProtocol: [
    { anyOf: [version, { type: 'object', properties: { min: version, max: version } }] },
    'The versions of TLS spoken: one, or the oldest and the newest.',
  ],
  sslOptions: [count, "OpenSSL's options, the sum of SSL_OP_…"],
  tlsControlRequired: [flag, 'Whether USER and PASS are refused until AUTH has encrypted the control connection.'],
  tlsDataRequired: [flag, 'Whether data connections are refused until PROT P encrypts them.'],
  tlsCloseNotifyRequired: [flag, 'Whether an encrypted upload that ends without close_notify is 426.'],
  implicitTls: [flag, 'Whether TLS begins with the connection, before the greeting.'],
  tlsHandshakeTimeout: [time, 'How long a TLS handshake may take; 0 is for ever.'],
  maxCons: [count, 'Connections at a time, control and data together; one too many gets 421 or 425.'],
  maxConsPerIp: [count, 'Control connections at a time from one address; 0 is no limit.'],
  backlog: [count, 'Connections that may wait to be accepted.'],
  tls: [flag, 'Whether clients may encrypt their connections (FTPS), with a throw-away certificate.'],
}
