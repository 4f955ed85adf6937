import { connect as connectTls } from 'node:tls'
import { Client } from 'basic-ftp'
import { describe, expect, test } from 'vitest'
import type { FtpFixture } from '../../src/index.ts'
import { ClientDirectory, linesOf, requireTool, runTool } from '../support/clients.ts'
import { encrypted, encryptions, ftpsFixture, logIn, secured, trusting } from '../support/ftps.ts'
import { RawClient } from '../support/raw-client.ts'

requireTool('curl')

// What servers say of TLS, by the faults for replies: those that a client has to cope with in a set-up of FTPS.

/** curl's exit status where TLS was asked for and cannot be had. */
const NO_TLS = 64
/** curl's exit status for a reply that makes no sense. */
const WEIRD_REPLY = 8

async function curl(ftp: FtpFixture, ...args: string[]) {
  await using local = await ClientDirectory.create()
  const ca = await local.write('ca.pem', ftp.ca ?? '')
  return await runTool('curl', ['--disable', '--silent', '--noproxy', '*', '--cacert', ca, ...args, `${ftp.url}/a.txt`])
}

function access(client: Client, { host, port, username: user, password, ca = '' }: FtpFixture) {
  return client.access({ host, port, user, password, secure: true, secureOptions: { ca } })
}

test.each(['500 What?', '502 Not here.', '504 Not that.', '431 Not now.'])('AUTH is refused with %s', async (reply) => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ when: { command: 'AUTH' }, times: 4, then: { reply } }] })
  expect(await curl(ftp, '--ssl-reqd')).toMatchObject({ status: NO_TLS, stdout: '' })
  expect(await curl(ftp, '--ssl')).toMatchObject({ status: 0, stdout: 'over the wire\n' })
  expect(encryptions(ftp)).toEqual([])
  expect(await curl(ftp, '--ssl-reqd')).toMatchObject({ status: 0, stdout: 'over the wire\n' })
})

test('basic-ftp gives up where AUTH is refused', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ when: { command: 'AUTH' }, then: { reply: '502 Not here.' } }] })
  const client = new Client()
  await expect(access(client, ftp)).rejects.toThrow('502 Not here.')
  client.close()
})

test('only AUTH SSL is known', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ when: { command: 'AUTH', argument: 'TLS*' }, then: { reply: '504 Use SSL.' } }] })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('AUTH TLS', 504)
  await client.secure(trusting(ftp), 'SSL')
  await logIn(client)
})

test('PROT P is refused, and PROT C', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({
    rules: [
      { when: { command: 'PROT', argument: 'P' }, times: 1, then: { reply: '536 PROT P is not supported.' } },
      { when: { command: 'PROT', argument: 'C' }, then: { reply: '534 PROT C is not for here.' } },
    ],
  })
  await using client = await encrypted(ftp)
  await logIn(client)
  await client.command('PBSZ 0', 200)
  await client.command('PROT P', 536)
  expect(String(await client.fetch('RETR a.txt'))).toBe('over the wire\n')
  await using other = await secured(ftp)
  await other.command('PROT C', 534)
  expect(linesOf(ftp, 'PROT')).toEqual(['PROT P', 'PROT P', 'PROT C'])
  expect(encryptions(ftp, 'data')).toEqual([])
})

test.each([521, 522, 425])('a transfer in clear is refused with %i', async (code) => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ when: { command: ['PASV', 'EPSV'] }, then: { reply: `${code} PROT P is required.` } }] })
  expect((await curl(ftp, '--ftp-ssl-control')).status).not.toBe(0)
  ftp.use({ rules: [{ when: { command: 'RETR' }, times: 1, then: { reply: `${code} PROT P is required.` } }] })
  expect((await curl(ftp, '--ftp-ssl-control')).status).not.toBe(0)
  expect(await curl(ftp, '--ssl-reqd')).toMatchObject({ status: 0, stdout: 'over the wire\n' })
})

describe('bytes in clear behind 234', () => {
  const rules = [
    ['final', [{ when: { command: 'AUTH' }, times: 1, then: { final: ['234 Go ahead.', '230 Injected.'] } }]],
    ['say', [{ when: { command: 'AUTH' }, times: 1, then: { say: '230 Injected.' } }]],
  ] as const

  test.each(rules)('stand before the handshake, by %s', async (_name, [rule]) => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [rule] })
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('AUTH TLS', 234)
    expect((await client.reply()).text).toBe('230 Injected.')
    await client.startTls(trusting(ftp))
    await logIn(client)
  })

  test('in one segment, curl does not fall for them', async () => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [rules[0][1][0]] })
    expect(await curl(ftp, '--ssl-reqd')).toMatchObject({ status: WEIRD_REPLY, stdout: '' })
    expect(await curl(ftp, '--ssl-reqd')).toMatchObject({ status: 0 })
  })
})

test('what the server speaks is an option of the scenario', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ options: { sslProtocol: 'TLSv1.2', tlsDataRequired: true }, rules: [] })
  expect(await curl(ftp, '--ssl-reqd', '--tlsv1.3')).toMatchObject({ status: 35 })
  expect((await curl(ftp, '--ftp-ssl-control')).status).not.toBe(0)
  expect(await curl(ftp, '--ssl-reqd')).toMatchObject({ status: 0 })
  expect(new Set(encryptions(ftp).map(({ protocol }) => protocol))).toEqual(new Set(['TLSv1.2']))
  ftp.reset()
  expect(await curl(ftp, '--ssl-reqd', '--tlsv1.3')).toMatchObject({ status: 0 })
})

test('AUTH that is answered and never begins', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ when: { command: 'AUTH' }, times: 1, then: { reply: '234 Go ahead.' } }] })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('AUTH TLS', 234)
  const socket = connectTls({ socket: client.socket, ...trusting(ftp) }).on('error', () => {})
  await ftp.waitFor(({ type }) => type === 'fault')
  socket.destroy()
})
