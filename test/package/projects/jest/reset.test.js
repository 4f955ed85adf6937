const { FtpFixtureError, startFtpServer } = require('ftp-fixture')

test('modules that are reset: what is loaded late goes with what was loaded before', async () => {
  const own = await startFtpServer()
  try {
    jest.resetModules()
    own.use('slow-download')
    own.reset()
    expect(() => own.add({ then: { nonsense: 1 } })).toThrow(FtpFixtureError)
  } finally {
    await own.stop()
  }
})
