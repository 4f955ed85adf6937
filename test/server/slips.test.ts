import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'

test.each(['PASS:hunter2', 'PASS=hunter2', 'PASShunter2', 'pass hunter2\0', 'ACCT,hunter2', '\x81PASS hunter2'])(
  'a password behind a slip is shown nowhere: %j',
  async (line) => {
    for (const encoding of ['utf-8', 'shift-jis', 'cp1252']) {
      const log: string[] = []
      const write = (text: string) => log.push(text)
      await using ftp = await startFtpServer({ encoding, log: { level: 'debug', write } })
      await using client = await RawClient.connect(ftp)
      await client.expect(220)
      client.socket.write(Buffer.from(`${line}\r\n`, 'latin1'))
      const { text } = await client.reply()
      const shown = [text, String(ftp.transcript), JSON.stringify(ftp.transcript), ...log].join('\n')
      expect(shown.toLowerCase()).not.toContain('hunter2')
    }
  },
)

test('what is unknown and no secret is shown as it came', async () => {
  await using ftp = await startFtpServer()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  expect((await client.command('BYPASSED it', 500)).text).toBe('500 Command "BYPASSED" not understood.')
  expect((await client.command('FROBNICATE a b', 500)).text).toBe('500 Command "FROBNICATE" not understood.')
  expect(ftp.transcript.commands().map(({ line }) => line)).toContain('FROBNICATE a b')
})
