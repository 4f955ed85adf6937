const { connectFtpServer } = require('ftp-fixture')

test('letting go of the shared server does not end it for others', async () => {
  const server = await connectFtpServer()
  await server.stop()
  await (await connectFtpServer()).stop()
})
