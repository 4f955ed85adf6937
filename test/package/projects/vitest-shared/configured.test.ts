import { connectFtpServer } from 'ftp-fixture'
import { inject, test } from 'vitest'

test('what the server starts with', async () => {
  await using ftp = await connectFtpServer(inject('ftp').controlUrl)
  console.log(`shared.txt: ${await ftp.files.read('shared.txt', 'utf8')}`)
})
