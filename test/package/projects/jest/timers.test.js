test('a server that is started under fake timers has time all the same', async () => {
  jest.useFakeTimers()
  // Loaded now: what it finds as global timers are the fake ones.
  const { startFtpServer } = require('ftp-fixture')
  const started = await startFtpServer({ scenario: 'greeting-late' })
  await expect(started.waitFor({ type: 'command' }, { timeout: 1 })).rejects.toThrow('waited 1 ms')
  await started.stop()
})
