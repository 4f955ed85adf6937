import { expect, test } from 'vitest'
import { clientEnvironment } from '../../src/harness/environment.ts'
import { startFtpServer } from '../../src/index.ts'

test('a client finds the server in its environment, and no more than there is', async () => {
  await using ftp = await startFtpServer()
  const plain = {
    FTP_URL: ftp.url,
    FTP_HOST: '127.0.0.1',
    FTP_PORT: String(ftp.port),
    FTP_USER: 'user',
    FTP_PASSWORD: '12345',
    FTP_ROOT: ftp.root,
  }
  expect(clientEnvironment(ftp)).toEqual(plain)
  expect(clientEnvironment(ftp, { url: 'http://127.0.0.1:1', token: 't' }, '/ca.pem')).toEqual({
    ...plain,
    FTP_CONTROL_URL: 'http://127.0.0.1:1',
    FTP_CONTROL_TOKEN: 't',
    FTP_CA_FILE: '/ca.pem',
  })
})
