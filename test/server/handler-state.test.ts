import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { type CommandTable, reply, TLS_FTPHandler } from '../../src/server.ts'
import { RawClient } from '../support/raw-client.ts'

test('a handler knows who the client is, how he came, and whether he is still there', async () => {
  const handlers: Handler[] = []
  class Handler extends TLS_FTPHandler {
    static override readonly commands: CommandTable = {
      ...TLS_FTPHandler.commands,
      XWHO: {
        argument: 'none',
        beforeLogin: true,
        help: 'XWHO',
        run: ({ handler }) => {
          const { id, username, remoteAddress, remotePort, localAddress, isSecure, isGone } = handler
          return reply(200, JSON.stringify({ id, username, remoteAddress, remotePort, localAddress, isSecure, isGone }))
        },
      },
    }

    override onConnect(): void {
      handlers.push(this)
    }
  }
  await using ftp = await startFtpServer({ tls: true, handler: Handler })
  await using client = await RawClient.connect(ftp, '127.0.0.3')
  await client.expect(220)
  const who = async () => JSON.parse((await client.command('XWHO', 200)).text.slice(4)) as object
  const known = { id: 1, remoteAddress: '127.0.0.3', remotePort: client.socket.localPort, localAddress: '127.0.0.1' }
  expect(await who()).toEqual({ ...known, username: '', isSecure: false, isGone: false })
  await client.secure({ ca: ftp.ca ?? '', host: ftp.host })
  await client.command('USER user', 331)
  await client.command('PASS 12345', 230)
  expect(await who()).toEqual({ ...known, username: 'user', isSecure: true, isGone: false })
  const [handler] = handlers
  expect(handler?.signal.aborted).toBe(false)
  expect([...ftp.server.sessions]).toEqual([handler])
  await client.command('QUIT', 221)
  await ftp.waitFor({ type: 'disconnect' })
  expect(handler?.isGone).toBe(true)
  expect(handler?.signal.aborted).toBe(true)
})
