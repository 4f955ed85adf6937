import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import type { FtpHandle } from 'ftp-fixture'

export async function upload(
  { host, port, username: user, password }: Pick<FtpHandle, 'host' | 'port' | 'username' | 'password'>,
  path: string,
  text: string,
): Promise<void> {
  const client = new Client()
  await client.access({ host, port, user, password })
  try {
    await client.uploadFrom(Readable.from(Buffer.from(text)), path)
  } finally {
    client.close()
  }
}
