import { type FtpEvent, type FtpFixture, startFtpServer } from 'ftp-fixture'
import { commands, DummyAuthorizer, FTPHandler, FTPServer, reply } from 'ftp-fixture/server'

class Handler extends FTPHandler {
  static override readonly commands = {
    ...commands,
    'SITE X': { argument: 'none', help: 'SITE X', run: () => reply(200, 'Ok.') },
  } as const satisfies typeof commands
}

export const ftp: FtpFixture = await startFtpServer({
  handler: Handler,
  timeout: '5s',
  onEvent: (_event: FtpEvent) => {},
})
export const server: FTPServer = new FTPServer({ port: 0 }, FTPHandler, { authorizer: new DummyAuthorizer() })
// @ts-expect-error -- there is no such option
await startFtpServer({ prot: 21 })
// @ts-expect-error -- 299 is no code of a final reply
reply(299, 'What?')
