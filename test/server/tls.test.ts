import { once } from 'node:events'
import { connect } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { type FtpFixture, type StartFtpServerOptions, startFtpServer } from '../../src/index.ts'
import { overTls, RawClient, readAll } from '../support/raw-client.ts'

const files = { 'a.txt': 'over the wire\n', 'big.bin': { size: '1MiB', seed: 3 } } as const

function fixture(options: StartFtpServerOptions = {}): Promise<FtpFixture> {
  return startFtpServer({ tls: true, files, ...options })
}

/** What a client checks: that the certificate is the server's, by its address. */
function trusting(ftp: FtpFixture, options: ConnectionOptions = {}): ConnectionOptions {
  return { ca: ftp.ca ?? '', host: ftp.host, ...options }
}

/** A client that has encrypted its control connection and logged in; with `protection`, its data connections too. */
async function secured(
  ftp: FtpFixture,
  protection: 'C' | 'P' = 'P',
  options: ConnectionOptions = {},
): Promise<RawClient> {
  const client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.secure(trusting(ftp, options))
  await client.command('PBSZ 0', 200)
  await client.command(`PROT ${protection}`, 200)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  await client.command('TYPE I', 200)
  return client
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  const versions = { minVersion: version, maxVersion: version }

  test('a login, a download and an upload, all encrypted', async () => {
    await using ftp = await fixture()
    await using client = await secured(ftp, 'P', versions)
    const plain = await client.passive()
    await client.command('RETR a.txt', 125, 150)
    expect(String(await readAll(await overTls(plain, trusting(ftp, versions))))).toBe('over the wire\n')
    await client.expect(226)

    const upload = await overTls(await client.passive(), trusting(ftp, { ...versions }))
    await client.command('STOR b.txt', 125, 150)
    upload.end('uploaded')
    await client.expect(226)
    await once(upload, 'close')
    expect(await ftp.files.read('b.txt', 'utf8')).toBe('uploaded')
    await client.command('QUIT', 221)
    await client.closed()
    const shown = ftp.transcript.events.filter(({ type }) => type === 'tls')
    expect(shown.map((event) => event)).toMatchObject([
      { connection: 'control', protocol: version, resumed: false },
      { connection: 'data', protocol: version },
      { connection: 'data', protocol: version },
    ])
  })
})
