const { Readable, Writable } = require('node:stream')
const { Client } = require('basic-ftp')
const { startFtpServer } = require('ftp-fixture')
const { FTPServer } = require('ftp-fixture/server')

test('a client uploads', async () => {
  const ftp = await startFtpServer({ files: 'basic' })
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  await client.uploadFrom(Readable.from(Buffer.from('x')), 'up.txt')
  client.close()
  expect(ftp.server).toBeInstanceOf(FTPServer)
  expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'STOR', bytes: 1, outcome: 'completed' }])
  expect(await ftp.files.read('up.txt', 'utf8')).toBe('x')
  await ftp.stop()
})

test('the server misbehaves as it is told', async () => {
  const ftp = await startFtpServer({ scenario: 'abort-download-midway' })
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  await expect(
    client.downloadTo(new Writable({ write: (_chunk, _encoding, done) => done() }), 'pub/file.bin'),
  ).rejects.toThrow()
  client.close()
  const { defineScenario, ScenarioError, scenarioNames } = require('ftp-fixture/scenario')
  expect(scenarioNames()).toContain('abort-download-midway')
  expect(() => ftp.use({ rules: [{ then: { dealy: 5 } }] })).toThrow(ScenarioError)
  ftp.use(defineScenario({ rules: [{ then: { delay: 5 }, optional: true }] }))
  await ftp.stop()
})

test('a typo is named', async () => {
  await expect(startFtpServer({ prot: 1 })).rejects.toMatchObject({
    code: 'ERR_OPTION_UNKNOWN',
    message: 'prot: unknown option; did you mean "port"?',
  })
})
