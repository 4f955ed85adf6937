import { type FtpEvent, type FtpFixture, startFtpServer } from 'ftp-fixture'
import { defineScenario, type Rule, type Scenario } from 'ftp-fixture/scenario'
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

const rule: Rule = { when: { command: 'RETR', phase: 'data-byte', at: '50%' }, then: { delay: '5s' } }
export const scenario: Scenario = defineScenario({
  rules: [rule, { times: 'always', then: { cut: { after: '32KiB', with: 'rst' } } }],
})
ftp.use(scenario)
ftp.add({ then: (exchange) => exchange.say({ text: '200 Ok.' }) })
// @ts-expect-error -- neither fin nor rst
ftp.add({ then: { cut: { after: 5, with: 'bang' } } })
// @ts-expect-error -- there is no such fault
ftp.add({ then: { dealy: 5 } })
// @ts-expect-error -- there is no such phase
ftp.add({ when: { phase: 'later' }, then: { delay: 5 } })
// @ts-expect-error -- no unit
ftp.add({ then: { delay: '5 parsecs' } })
// @ts-expect-error -- there is no such key
await startFtpServer({ scenario: { rulse: [] } })
