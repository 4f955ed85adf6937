import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { describe, expect, test, vi } from 'vitest'
import { randomBytes } from '../../src/index.ts'
import { FTPHandler, TLS_DTPHandler, TLS_FTPHandler } from '../../src/server.ts'
import { ftpsFixture, only, secured, trusting } from '../support/ftps.ts'
import { overTls } from '../support/raw-client.ts'
import { StagedTls } from '../support/staged.ts'

const KIB = 1024
const SIZES = [0, 1, 1000, 16 * KIB, 100_000, 1_000_000]

/** What its server is called back for. */
function recording() {
  const calls: string[] = []
  class Handler extends TLS_FTPHandler {
    override onFileReceived(path: string) {
      calls.push(`received ${path}`)
    }
    override onIncompleteFileReceived(path: string) {
      calls.push(`incomplete received ${path}`)
    }
  }
  return { calls, handler: Handler }
}

/** How a client may end an upload without a word of it (close_notify, RFC 8446 §6.1). */
const CUTS: Record<string, (plain: Socket) => void> = {
  'by a FIN': (plain) => plain.destroySoon(),
  'by a reset': (plain) => plain.resetAndDestroy(),
}

const WAYS = { direct: TLS_DTPHandler, 'through stages': StagedTls }
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const

describe.each(VERSIONS)('an upload over %s', (version) => {
  test.each(Object.keys(CUTS))('that is cut %s never counts as whole, however its bytes come', async (cut) => {
    for (const dtpHandler of Object.values(WAYS)) {
      const { calls, handler } = recording()
      await using ftp = await ftpsFixture({ dtpHandler, handler })
      await using client = await secured(ftp, only(version))
      for (const size of SIZES) {
        const content = randomBytes(size, { seed: size })
        for (const isEarly of [false, true]) {
          const plain = await client.passive()
          const data = await overTls(plain, trusting(ftp, only(version)))
          // What comes before the command waits within the socket.
          if (!isEarly) await client.command('STOR up.bin', 125, 150)
          if (size > 0) data.write(content)
          CUTS[cut]?.(plain)
          if (isEarly) client.send('STOR up.bin')
          const { code } = await client.reply()
          // A connection that no transfer has yet may be found gone first, even amid its handshake.
          const final = code < 200 ? (await client.reply()).code : code
          expect([425, 426, 522]).toContain(final)
          data.destroy()
          const kept = await ftp.files.read('up.bin').catch(() => Buffer.alloc(0))
          expect(kept.equals(content.subarray(0, kept.length)), `${size} bytes`).toBe(true)
        }
      }
      expect(ftp.transcript.transfers().filter(({ outcome }) => outcome !== 'failed')).toEqual([])
      expect(calls.filter((call) => call !== 'incomplete received /up.bin')).toEqual([])
      expect(ftp.server.dataConnections).toBe(0)
      await client.command('NOOP', 200)
    }
  })

  test('that ends by a FIN alone is 426, and says why; unless tlsCloseNotifyRequired is off, which a reset is no end for', async () => {
    const upload = async (isRequired: boolean, cut: string) => {
      await using ftp = await ftpsFixture({ tlsCloseNotifyRequired: isRequired })
      await using client = await secured(ftp, only(version))
      const plain = await client.passive()
      const data = await overTls(plain, trusting(ftp, only(version)))
      await client.command('STOR up.bin', 125, 150)
      data.write('content')
      CUTS[cut]?.(plain)
      const { text } = await client.reply()
      data.destroy()
      return text
    }
    const refusal = '426 TLS ended without close_notify; transfer aborted.'
    expect(await upload(true, 'by a FIN')).toBe(refusal)
    expect(await upload(false, 'by a FIN')).toMatch(/^226 /)
    expect(await upload(false, 'by a reset')).toMatch(/^426 /)
  })

  test('whose end is said is whole, whatever becomes of the connection then', async () => {
    for (const dtpHandler of Object.values(WAYS)) {
      await using ftp = await ftpsFixture({ dtpHandler })
      await using client = await secured(ftp, only(version))
      for (const size of [0, 1, 1000, 50_000]) {
        const content = randomBytes(size, { seed: size })
        for (const isEarly of [false, true])
          for (const end of ['nothing', 'FIN', 'reset']) {
            const plain = await client.passive()
            const data = await overTls(plain, trusting(ftp, only(version)))
            if (!isEarly) await client.command('STOR up.bin', 125, 150)
            data.end(content)
            await once(data, 'finish')
            if (isEarly) await client.command('NOOP', 200)
            if (end === 'FIN') plain.end()
            if (end === 'reset') plain.resetAndDestroy()
            if (isEarly) client.send('STOR up.bin')
            const { code } = await client.reply()
            if (code < 200) await client.expect(226)
            else expect(code, `${size} ${isEarly} ${end}`).toBe(226)
            data.destroy()
            expect((await ftp.files.read('up.bin')).equals(content), `${size} bytes`).toBe(true)
          }
      }
    }
  })

  test('that is reset while the client has more to send is not whole, though it was to be said', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, only(version))
    const content = randomBytes(3_000_000, { seed: 3 })
    for (let round = 0; round < 5; round++) {
      const plain = await client.passive()
      const data: TLSSocket = await overTls(plain, trusting(ftp, only(version)))
      await client.command('STOR up.bin', 125, 150)
      data.end(content)
      await once(data, 'finish')
      // The kernel throws away what it has not sent.
      plain.resetAndDestroy()
      const { code } = await client.expect(426, 226)
      data.destroy()
      const kept = await ftp.files.read('up.bin')
      if (code === 226) expect(kept.equals(content)).toBe(true)
      else expect(kept.equals(content.subarray(0, kept.length))).toBe(true)
    }
  })
})

test('a clear upload that is reset with bytes in the same breath does not count as whole either', async () => {
  await using ftp = await ftpsFixture({ handler: FTPHandler, tls: false })
  const { RawClient } = await import('../support/raw-client.ts')
  await using client = await RawClient.login(ftp)
  for (const size of [1, 1000, 100_000]) {
    const data = await client.passive()
    await client.command('STOR up.bin', 125, 150)
    data.write(Buffer.alloc(size))
    data.resetAndDestroy()
    await client.expect(426)
  }
})

test('a download goes on to a client that has shut its side down without a word', async () => {
  await using ftp = await ftpsFixture()
  await using client = await secured(ftp)
  const plain = await client.passive()
  const data = await overTls(plain, trusting(ftp))
  const chunks: Buffer[] = []
  data.on('data', (chunk: Buffer) => chunks.push(chunk))
  await client.command('NOOP', 200)
  plain.end()
  await client.command('RETR big.bin', 125, 150)
  await client.expect(226)
  await vi.waitUntil(() => Buffer.concat(chunks).length === 20 * 1024 ** 2, { timeout: 10_000 })
  data.destroy()
})
