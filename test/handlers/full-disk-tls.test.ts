import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { AbstractedFS, HostFile, type OpenFile } from '../../src/server.ts'
import { ftpsFixture, secured, trusting } from '../support/ftps.ts'
import { overTls } from '../support/raw-client.ts'

const KIB = 1024

/** A disk that takes nothing: each file is open for reading alone. */
class FullDisk extends AbstractedFS {
  override open(path: string): OpenFile {
    return new HostFile(path, this.ftp2fs(path), 'r')
  }
}

/** A connection whose bytes are held back when told so, and leave together then. */
class Held extends Duplex {
  readonly #plain: Socket
  #bytes: Buffer[] | undefined

  constructor(plain: Socket) {
    super()
    this.#plain = plain.on('data', (chunk) => void this.push(chunk)).on('error', () => {})
  }

  hold(): void {
    this.#bytes = []
  }

  release(): void {
    this.#plain.write(Buffer.concat(this.#bytes ?? []))
    this.#bytes = undefined
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.#bytes) this.#bytes.push(chunk)
    else this.#plain.write(chunk)
    done()
  }
}

// An empty buffer at this moment would have OpenSSL hand out its next record for ever.
test('an encrypted upload to a disk that takes nothing fails, though more records come behind a full buffer', async () => {
  const ftp = await ftpsFixture({ abstractedFs: FullDisk })
  await using client = await secured(ftp)
  const plain = await client.passive()
  const held = new Held(plain)
  const data = (await overTls(held as unknown as Socket, trusting(ftp))) as TLSSocket
  await client.command('STOR a.txt', 125, 150)
  held.hold()
  await new Promise((resolve) => data.write(Buffer.alloc(64 * KIB), resolve))
  data.setMaxSendFragment(512)
  await new Promise((resolve) => data.write(Buffer.alloc(10 * KIB), resolve))
  held.release()
  await client.expect(451)
  data.destroy()
  plain.destroy()
  await expect(ftp.stop()).rejects.toThrow('EBADF')
})
