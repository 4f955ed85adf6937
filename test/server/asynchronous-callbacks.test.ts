import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { FTPHandler } from '../../src/server.ts'
import { gate } from '../support/gate.ts'
import { RawClient } from '../support/raw-client.ts'

test('onConnect holds the greeting of its session, not of others', async () => {
  const { passed, open } = gate()
  class Handler extends FTPHandler {
    override async onConnect() {
      if (this.id === 1) await passed
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await using held = await RawClient.connect(ftp)
  held.send('NOOP')
  await ftp.waitFor({ type: 'connect', session: 1 })
  await using other = await RawClient.login(ftp)
  await other.command('NOOP', 200)
  expect(ftp.transcript.events.filter(({ session }) => session === 1)).toHaveLength(1)
  open()
  await held.expect(220)
  await held.expect(200)
})

test('onLogin, onLoginFailed and onLogout hold the next command of their session, not those of others', async () => {
  const gates = { login: gate(), failed: gate(), logout: gate() }
  class Handler extends FTPHandler {
    override onLogin() {
      return gates.login.passed
    }
    override onLoginFailed() {
      return gates.failed.passed
    }
    override onLogout() {
      return gates.logout.passed
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.connect(ftp)
  await using other = await RawClient.connect(ftp)
  await client.expect(220)
  await other.expect(220)
  const noops = () => ftp.transcript.commands({ verb: 'NOOP' }).filter(({ session }) => session === 1).length
  client.send('USER user\r\nPASS wrong\r\nNOOP')
  await client.expect(331)
  await client.expect(530)
  await other.command('NOOP', 200)
  expect(noops()).toBe(0)
  gates.failed.open()
  await client.expect(200)
  client.send('USER user\r\nPASS 12345\r\nNOOP')
  await client.expect(331)
  await client.expect(230)
  await other.command('NOOP', 200)
  expect(noops()).toBe(1)
  gates.login.open()
  await client.expect(200)
  client.send('REIN\r\nNOOP')
  await client.expect(230)
  await other.command('NOOP', 200)
  expect(noops()).toBe(2)
  gates.logout.open()
  await client.expect(200)
})

test('onFileSent and onFileReceived hold the next command, behind their 226', async () => {
  const gates = { sent: gate(), received: gate() }
  class Handler extends FTPHandler {
    override onFileSent() {
      return gates.sent.passed
    }
    override onFileReceived() {
      return gates.received.passed
    }
  }
  await using ftp = await startFtpServer({ handler: Handler, files: { 'a.txt': 'a' } })
  await using client = await RawClient.login(ftp)
  await using other = await RawClient.login(ftp)
  await client.fetch('RETR a.txt')
  client.send('PWD')
  await other.command('NOOP', 200)
  expect(ftp.transcript.commands({ verb: 'PWD' })).toHaveLength(0)
  gates.sent.open()
  await client.expect(257)
  await client.store('STOR b.txt', 'b')
  client.send('PWD')
  await other.command('NOOP', 200)
  expect(ftp.transcript.commands({ verb: 'PWD' })).toHaveLength(1)
  gates.received.open()
  await client.expect(257)
})

test('onIncompleteFileSent holds the next command, but not the reply of ABOR', async () => {
  const { passed, open } = gate()
  class Handler extends FTPHandler {
    override onIncompleteFileSent() {
      return passed
    }
  }
  await using ftp = await startFtpServer({ handler: Handler, files: { 'a.bin': { size: '32MiB' } } })
  await using client = await RawClient.login(ftp)
  const data = await client.passive()
  await client.command('RETR a.bin', 125, 150)
  client.send('ABOR\r\nNOOP')
  await client.expect(426)
  await client.expect(226)
  expect(ftp.transcript.commands({ verb: 'NOOP' })).toHaveLength(0)
  open()
  await client.expect(200)
  data.destroy()
})

test('stop waits for an onDisconnect that is not done', async () => {
  const { passed, open } = gate()
  class Handler extends FTPHandler {
    override onDisconnect() {
      return passed
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.login(ftp)
  let isStopped = false
  const stopped = ftp.stop().finally(() => {
    isStopped = true
  })
  await client.closed()
  await ftp.server.ioloop.turn()
  expect(isStopped).toBe(false)
  open()
  expect(await stopped).toEqual({ sessions: 1, transfers: 0, unfired: [] })
})

test('stop hears of what fails late', async () => {
  const { passed, open } = gate()
  class Handler extends FTPHandler {
    override async onLogin() {
      await passed
      throw new Error('late')
    }
  }
  const ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  const stopped = ftp.stop()
  await client.closed()
  open()
  await expect(stopped).rejects.toMatchObject({ code: 'ERR_SESSION_FAILED', message: 'session 1 failed: Error: late' })
})

test('stop does not wait for ever, and names the session', async () => {
  class Handler extends FTPHandler {
    override onDisconnect() {
      return new Promise<void>(() => {})
    }
  }
  const ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.login(ftp)
  await expect(ftp.stop()).rejects.toThrow(
    /^session 1 failed: Error: a command or a callback was still running 1000 ms/,
  )
  await client.closed()
})

test('QUIT closes when onLogout is done', async () => {
  const { passed, open } = gate()
  class Handler extends FTPHandler {
    override onLogout() {
      return passed
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.login(ftp)
  client.send('QUIT\r\nNOOP')
  await client.expect(221)
  await ftp.server.ioloop.turn()
  expect(ftp.transcript.events.at(-1)?.type).toBe('reply')
  open()
  await client.closed()
  await ftp.waitFor({ type: 'disconnect' })
  expect(ftp.transcript.commands({ verb: 'NOOP' })).toHaveLength(0)
})

test('a client that is reset while its callback runs is gone at once', async () => {
  const { passed, open } = gate()
  const calls: string[] = []
  class Handler extends FTPHandler {
    override async onLogin() {
      await passed
      calls.push('login')
    }
    override onDisconnect() {
      calls.push('disconnect')
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  client.socket.resetAndDestroy()
  await ftp.waitFor({ type: 'disconnect' })
  open()
  await ftp.server.ioloop.turn()
  expect(calls).toEqual(['disconnect', 'login'])
})

test('a client that left during its login has neither logged in nor failed to', async () => {
  const { passed, open } = gate()
  const calls: string[] = []
  class Handler extends FTPHandler {
    override onLogin() {
      calls.push('login')
    }
    override onLoginFailed() {
      calls.push('login failed')
    }
    override onDisconnect() {
      calls.push('disconnect')
    }
  }
  await using ftp = await startFtpServer({ handler: Handler })
  ftp.server.authorizer.validateAuthentication = () => passed
  for (const session of [1, 2]) {
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('USER user', 331)
    client.send('PASS 12345')
    await ftp.waitFor({ type: 'command', verb: 'PASS', session })
    client.socket.resetAndDestroy()
    await ftp.waitFor({ type: 'disconnect', session })
  }
  open()
  await ftp.server.ioloop.turn()
  expect(calls).toEqual(['disconnect', 'disconnect'])
})
