import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { isInstalled, runTool } from '../support/clients.ts'
import { dataWays, expectWell, loggedIn } from '../support/data-ways.ts'
import { ftpsFixture } from '../support/ftps.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

type Lie = { address?: string; port?: number | 'closed' | `+${number}` | `-${number}`; form?: never }

/** What a client is told, with the port that is listened on made a word: P, or H,L in 227. */
async function told(lie: unknown, verb: 'PASV' | 'EPSV', host = '127.0.0.1'): Promise<string> {
  await using ftp = await startFtpServer({ host })
  ftp.use({ rules: [{ times: 1, then: { announce: lie as Lie } }] })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  const { text } = await client.command(verb)
  const { port } = await ftp.waitFor({ type: 'data-listen' })
  const high = port >> 8
  const low = port & 255
  const spoken = text
    .replace(new RegExp(`\\b${high}([,!]) ?${low}\\b`), (all) =>
      all.replace(String(high), 'H').replace(RegExp(`${low}$`), 'L'),
    )
    .replace(`${high}${low}`, 'HL')
    .replace(String(port), 'P')
    .replace(`${(port + 1) >> 8},${(port + 1) & 255}`, 'H,L+1')
    .replace(String(port + 1), 'P+1')
  await client.command(verb, verb === 'PASV' ? 227 : 229)
  return spoken
}

describe('addresses and ports', () => {
  test.each([
    [{ address: '10.0.0.5' }, '227 Entering passive mode (10,0,0,5,H,L).'],
    [{ address: '0.0.0.0' }, '227 Entering passive mode (0,0,0,0,H,L).'],
    [{ address: '999.1.2.3' }, '227 Entering passive mode (999,1,2,3,H,L).'],
    [{ address: 'ftp.example.com' }, '227 Entering passive mode (ftp.example.com,H,L).'],
    [{ port: 0 }, '227 Entering passive mode (127,0,0,1,0,0).'],
    [{ port: 1_000_000 }, '227 Entering passive mode (127,0,0,1,3906,64).'],
    [{ port: '+1' }, '227 Entering passive mode (127,0,0,1,H,L+1).'],
    [{ address: '192.0.2.1', port: 21 }, '227 Entering passive mode (192,0,2,1,0,21).'],
  ])('PASV: %j', async (lie, reply) => {
    expect(await told(lie, 'PASV')).toBe(reply)
  })

  test.each([
    [{ address: '10.0.0.5' }, '229 Entering extended passive mode (|1|10.0.0.5|P|).'],
    [{ address: '2001:db8::1' }, '229 Entering extended passive mode (|2|2001:db8::1|P|).'],
    [{ port: 0 }, '229 Entering extended passive mode (|||0|).'],
    [{ port: 1_000_000 }, '229 Entering extended passive mode (|||1000000|).'],
    [{ port: '+1' }, '229 Entering extended passive mode (|||P+1|).'],
  ])('EPSV: %j', async (lie, reply) => {
    expect(await told(lie, 'EPSV')).toBe(reply)
  })
})

describe('forms', () => {
  test.each([
    ['no-parentheses', '227 Entering passive mode 127,0,0,1,H,L.', '229 Entering extended passive mode |||P|.'],
    ['equals', '227 Entering passive mode =127,0,0,1,H,L', '229 Entering extended passive mode =|||P|'],
    [
      'spaces',
      '227 Entering passive mode ( 127, 0, 0, 1, H, L ).',
      '229 Entering extended passive mode ( | | | P|  ).',
    ],
    ['no-trailing-dot', '227 Entering passive mode (127,0,0,1,H,L)', '229 Entering extended passive mode (|||P|)'],
    ['cut-short', '227 Entering passive mode (', '229 Entering extended passive mode ('],
    ['other-delimiter', '227 Entering passive mode (127!0!0!1!H!L).', '229 Entering extended passive mode (!!!P!).'],
    ['missing-delimiter', '227 Entering passive mode (127,0,0,1,HL).', '229 Entering extended passive mode (|||P).'],
    ['other-verb', '229 Entering extended passive mode (|||P|).', '227 Entering passive mode (127,0,0,1,H,L).'],
    [
      'on-first-line',
      '227-Entering passive mode (127,0,0,1,H,L).\n227 Waiting for the connection.',
      '229-Entering extended passive mode (|||P|).\n229 Waiting for the connection.',
    ],
    [
      'on-last-line',
      '227-Waiting for the connection.\n227 Entering passive mode (127,0,0,1,H,L).',
      '229-Waiting for the connection.\n229 Entering extended passive mode (|||P|).',
    ],
  ])('%s', async (form, pasv, epsv) => {
    expect(await told({ form }, 'PASV')).toBe(pasv)
    expect(await told({ form }, 'EPSV')).toBe(epsv)
  })

  test('a form and an address', async () => {
    expect(await told({ form: 'equals', address: '10.0.0.5' }, 'PASV')).toBe('227 Entering passive mode =10,0,0,5,H,L')
  })

  test('over IPv6, 227 has no address to tell', async () => {
    expect(await told({ form: 'other-verb' }, 'EPSV', '::1')).toBe('227 Entering passive mode (0,0,0,0,H,L).')
  })
})

const passiveWays = dataWays.filter(({ verb }) => verb === 'PASV' || verb === 'EPSV')

test.each(passiveWays)(
  'closed: nobody listens there, while the true port waits; $verb, PROT $protection',
  async (way) => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ times: 1, then: { announce: { port: 'closed' } } }] })
    await using client = await loggedIn(ftp, way)
    const { host, port } = await client.passiveAddress(way.verb as 'PASV' | 'EPSV')
    const [error] = await once(connect({ host, port }), 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    const listening = await ftp.waitFor({ type: 'data-listen' })
    expect(listening.port).not.toBe(port)
    expect(await ftp.waitFor({ type: 'fault' })).toMatchObject({
      effect: expect.stringMatching(new RegExp(`^announces ".*" and listens on 127.0.0.1:${listening.port}$`)),
    })
    await expectWell(ftp, client, way)
  },
)

test('the port that was opened is the one that counts', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ then: { announce: { address: '10.0.0.5', port: 1 } } }] })
  await using client = await RawClient.login(ftp)
  await client.command('PASV', 227)
  const { port } = await ftp.waitFor({ type: 'data-listen' })
  const data = connect({ host: ftp.host, port })
  const bytes = readAll(data)
  await client.command('RETR a.txt', 125, 150)
  expect(String(await bytes)).toBe('over the wire\n')
  await client.expect(226)
})

test('active mode and refused commands are left as they are', async () => {
  await using ftp = await ftpsFixture()
  ftp.use({ rules: [{ times: 1, then: { announce: { address: '10.0.0.5' } } }] })
  await using client = await RawClient.login(ftp)
  await expectWell(ftp, client, { verb: 'PORT', protection: 'C' })
  const { text } = await client.command('PASV', 227)
  expect(text).toContain('(10,0,0,5,')
})

test.runIf(isInstalled('curl'))(
  'curl goes on with the control connection’s address, or fails, as it is told to',
  async () => {
    await using ftp = await ftpsFixture()
    ftp.use({ rules: [{ when: { command: 'PASV' }, then: { announce: { address: '127.0.0.9' } } }] })
    const args = ['--disable', '--silent', '--noproxy', '*', '--disable-epsv', `${ftp.url}/a.txt`]
    expect(await runTool('curl', ['--ftp-skip-pasv-ip', ...args])).toMatchObject({
      status: 0,
      stdout: 'over the wire\n',
    })
    const deceived = await runTool('curl', ['--no-ftp-skip-pasv-ip', ...args])
    expect(deceived.status).not.toBe(0)
  },
)

test.each([{}, { address: 'a b' }, { port: -1 }, { port: 'open' }, { form: 'odd' }, { host: 'x' }])(
  '%j is refused',
  async (lie) => {
    await using ftp = await ftpsFixture()
    expect(() => ftp.use({ rules: [{ then: { announce: lie as never } }] })).toThrow(/announce/)
  },
)
