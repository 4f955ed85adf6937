import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { type FtpFixture, startFtpServer } from '../../src/index.ts'
import { commands, DummyAuthorizer, FTPHandler, FTPServer, IOLoop } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

const problem = new Error('the callback failed')

type Name =
  | 'onConnect'
  | 'onDisconnect'
  | 'onLogin'
  | 'onLoginFailed'
  | 'onLogout'
  | 'onFileSent'
  | 'onFileReceived'
  | 'onIncompleteFileSent'
  | 'onIncompleteFileReceived'

/** What a client does for each callback to be called. */
const occasions: Readonly<Record<Name, (client: RawClient) => Promise<unknown>>> = {
  onConnect: async () => {},
  onDisconnect: async (client) => {
    await client.expect(220)
    await client.command('QUIT', 221)
  },
  onLogin: (client) => logIn(client),
  onLoginFailed: async (client) => {
    await client.expect(220)
    await client.command('USER user', 331)
    await client.command('PASS wrong', 530)
  },
  onLogout: async (client) => {
    await logIn(client)
    await client.command('REIN', 230)
  },
  onFileSent: async (client) => {
    await logIn(client)
    await client.fetch('RETR a.bin')
  },
  onFileReceived: async (client) => {
    await logIn(client)
    await client.store('STOR b.txt', 'b')
  },
  onIncompleteFileSent: (client) => interrupted(client, 'RETR a.bin'),
  onIncompleteFileReceived: (client) => interrupted(client, 'STOR b.txt'),
}

async function logIn(client: RawClient): Promise<void> {
  await client.expect(220)
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
}

async function interrupted(client: RawClient, command: string): Promise<void> {
  await logIn(client)
  const data = await client.passive()
  await client.command(command, 125, 150)
  data.resetAndDestroy()
  await client.expect(426)
}

const failures = {
  throws: () => {
    throw problem
  },
  rejects: () => Promise.reject(problem),
  'rejects later': async () => {
    await new Promise(setImmediate)
    throw problem
  },
} as const

async function stopFails(ftp: FtpFixture, message: string): Promise<void> {
  await expect(ftp.stop()).rejects.toMatchObject({ code: 'ERR_SESSION_FAILED', message, cause: problem })
}

for (const name of Object.keys(occasions) as Name[]) {
  for (const [how, fail] of Object.entries(failures)) {
    test(`${name} that ${how} costs its session and no other one, and is not kept secret`, async () => {
      class Handler extends FTPHandler {}
      const ftp = await startFtpServer({ handler: Handler, files: { 'a.bin': { size: '32MiB' } } })
      await using bystander = await RawClient.login(ftp)
      Handler.prototype[name] = fail
      await using client = await RawClient.connect(ftp)
      await occasions[name](client)
      await client.closed()
      await ftp.waitFor({ type: 'error', error: problem, session: 2 })
      await ftp.waitFor({ type: 'disconnect', session: 2 })
      await bystander.command('NOOP', 200)
      delete (Handler.prototype as Partial<FTPHandler>)[name]
      await using next = await RawClient.login(ftp)
      await next.command('NOOP', 200)
      expect(ftp.transcript.events.filter(({ type }) => type === 'error')).toHaveLength(1)
      await stopFails(ftp, 'session 2 failed: Error: the callback failed')
    })
  }
}

test('stop() names the first of several failures, and fails again when called again', async () => {
  class Handler extends FTPHandler {
    override onConnect() {
      throw new Error(`no ${this.id}`)
    }
  }
  const ftp = await startFtpServer({ handler: Handler })
  for (const session of [1, 2]) {
    await using client = await RawClient.connect(ftp)
    await client.closed()
    await ftp.waitFor({ type: 'disconnect', session })
  }
  for (const _ of [1, 2]) await expect(ftp.stop()).rejects.toThrow('session 1 failed: Error: no 1')
})

test('a greeting that cannot be made costs its session too', async () => {
  const ftp = await startFtpServer({
    banner: () => {
      throw problem
    },
  })
  await using client = await RawClient.connect(ftp)
  await client.closed()
  await stopFails(ftp, 'session 1 failed: Error: the callback failed')
})

test('a transfer is reported before the callback for it fails', async () => {
  class Handler extends FTPHandler {
    override onFileReceived() {
      throw problem
    }
  }
  const ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.login(ftp)
  await client.store('STOR b.txt', 'b')
  await client.closed()
  expect(await ftp.files.read('b.txt', 'utf8')).toBe('b')
  expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'completed' }])
  await stopFails(ftp, 'session 1 failed: Error: the callback failed')
})

test('a handler whose constructor throws costs its client alone', async () => {
  let fails = true
  class Handler extends FTPHandler {
    constructor(...args: ConstructorParameters<typeof FTPHandler>) {
      super(...args)
      if (fails) throw new Error('unfit')
    }
  }
  const ftp = await startFtpServer({ handler: Handler })
  await using first = await RawClient.connect(ftp)
  await first.closed()
  fails = false
  await using second = await RawClient.login(ftp)
  await second.command('NOOP', 200)
  await expect(ftp.stop()).rejects.toThrow('session 1 failed: Error: unfit')
})

test('a command whose completion rejects costs its session alone', async () => {
  class Handler extends FTPHandler {
    static override readonly commands = {
      ...commands,
      'SITE LATE': {
        argument: 'none',
        help: 'SITE LATE',
        run: () => ({ code: 150, lines: ['Soon.'], completion: Promise.reject(new Error('never')) }),
      },
    } as const satisfies typeof commands
  }
  const ftp = await startFtpServer({ handler: Handler })
  await using client = await RawClient.login(ftp)
  await client.command('SITE LATE', 150)
  await client.closed()
  await expect(ftp.stop()).rejects.toThrow('session 1 failed: Error: never')
})

test('a client that was turned away is not said goodbye to', async () => {
  const calls: string[] = []
  class Handler extends FTPHandler {
    override onConnect() {
      calls.push(`connect ${this.id}`)
    }
    override onDisconnect() {
      calls.push(`disconnect ${this.id}`)
    }
  }
  await using ftp = await startFtpServer({ handler: Handler, maxCons: 1 })
  await using first = await RawClient.login(ftp)
  await using second = await RawClient.connect(ftp)
  await second.expect(421)
  await second.closed()
  first.socket.destroy()
  await ftp.waitFor({ type: 'disconnect', session: 1 })
  expect(calls).toEqual(['connect 1', 'disconnect 1'])
  const types = ftp.transcript.events.filter(({ session }) => session === 2).map(({ type }) => type)
  expect(types.slice(0, 3)).toEqual(['connect', 'limit', 'reply'])
})

test('two servers on one loop: closing the one leaves the other its timers', async () => {
  const ioloop = new IOLoop('manual')
  const start = () => {
    const authorizer = new DummyAuthorizer()
    authorizer.addUser('user', '12345', tmpdir())
    return new FTPServer({ port: 0 }, FTPHandler, { authorizer, ioloop, timeout: '5m' }).listen()
  }
  await using one = await start()
  await using two = await start()
  await using client = await RawClient.login(two.address)
  await one.closeAll()
  await ioloop.advance(300_000)
  await client.expect(421)
})
