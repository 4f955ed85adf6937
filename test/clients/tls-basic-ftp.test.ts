import { Readable, Writable } from 'node:stream'
import { type AccessOptions, Client } from 'basic-ftp'
import { describe, expect, test } from 'vitest'
import { type FtpFixture, randomBytes } from '../../src/index.ts'
import { linesOf, sha256 } from '../support/clients.ts'
import { encryptions, ftpsFixture, only } from '../support/ftps.ts'

/** A client that has logged in over TLS, closed at the end of the block. */
class Secured extends Client {
  static async to(ftp: FtpFixture, options: AccessOptions = {}): Promise<Secured> {
    const { host, port, username: user, password } = ftp
    const secure = ftp.server.options.implicitTls ? 'implicit' : true
    const client = new Secured()
    const { secureOptions, ...others } = options
    try {
      const trusted = { ca: ftp.ca ?? '', ...secureOptions }
      await client.access({ host, port, user, password, secure, ...others, secureOptions: trusted })
    } catch (error) {
      client.close()
      throw error
    }
    return client
  }

  async fetch(file: string): Promise<Buffer> {
    const chunks: Buffer[] = []
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      chunks.push(chunk)
      done()
    }
    await this.downloadTo(new Writable({ write }), file)
    return Buffer.concat(chunks)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

describe.each([
  { secure: 'AUTH TLS', implicitTls: false },
  { secure: 'implicit TLS', implicitTls: true },
])('$secure', ({ implicitTls }) => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: uploads, downloads and lists', async (version) => {
    await using ftp = await ftpsFixture({ implicitTls })
    using client = await Secured.to(ftp, { secureOptions: only(version) })
    const content = randomBytes('3MiB')
    await client.uploadFrom(Readable.from([content]), 'up.bin')
    expect(sha256(await ftp.files.read('up.bin'))).toBe(sha256(content))
    expect(sha256(await client.fetch('up.bin'))).toBe(sha256(content))
    const names = ['a.txt', 'big.bin', 'empty.bin', 'up.bin']
    expect((await client.list()).map(({ name }) => name)).toEqual(names)
    expect(encryptions(ftp).map(({ connection, protocol }) => `${connection} ${protocol}`)).toEqual([
      `control ${version}`,
      `data ${version}`,
      `data ${version}`,
      `data ${version}`,
    ])
    expect(encryptions(ftp, 'data').every(({ resumed }) => resumed)).toBe(true)
    expect(linesOf(ftp, 'PROT')).toEqual(['PROT P'])
  })

  // Not up: basic-ftp 6.2 takes a session to be resumed for a finished handshake, and ends an empty upload before it.
  test('an empty file down, and a large one both ways', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    using client = await Secured.to(ftp)
    expect(await client.fetch('empty.bin')).toHaveLength(0)
    const big = await client.fetch('big.bin')
    await client.uploadFrom(Readable.from([big]), 'back.bin')
    expect(sha256(await ftp.files.read('back.bin'))).toBe(sha256(randomBytes('20MiB', { seed: 3 })))
  })

  test('the certificate is right for localhost, and refused without the authority', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    await using other = await ftpsFixture()
    using client = await Secured.to(ftp, { host: 'localhost' })
    expect(String(await client.fetch('a.txt'))).toBe('over the wire\n')
    await expect(Secured.to(ftp, { secureOptions: { ca: other.ca ?? '' } })).rejects.toThrow(/certificate/)
    await ftp.waitFor({ type: 'disconnect', session: 2 })
  })
})
