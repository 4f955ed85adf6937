import { connectFtpServer } from 'ftp-fixture'

test('a matcher', async () => {
  const ftp = await connectFtpServer()
  try {
    await expect(ftp).toHaveFile('nothing.txt')
  } finally {
    await ftp.stop()
  }
})
