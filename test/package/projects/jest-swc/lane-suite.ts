import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { connectFtpServer, type FtpHandle } from 'ftp-fixture'

/** A test for one file of several that run at the same time, each with content of its own. */
export function laneSuite(content: string): void {
  let lane: FtpHandle
  beforeEach(async () => {
    const server = await connectFtpServer()
    lane = await server.lane()
    await server.stop()
  })
  afterEach(() => lane.stop())

  test('each worker has its lane of the shared server', async () => {
    const client = new Client()
    const ca = readFileSync(process.env.FTP_CA_FILE ?? '')
    const { host, port, username: user, password } = lane
    await client.access({ host, port, user, password, secure: true, secureOptions: { ca } })
    await client.uploadFrom(Readable.from(Buffer.from(content)), 'report.txt')
    client.close()
    await expect(lane).toHaveFile('report.txt', content)
    expect(lane).toHaveReceived('STOR')
  })
}
