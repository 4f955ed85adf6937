import { mkdirSync, rmSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll } from 'vitest'
import { DummyAuthorizer, FTPServer, TLS_FTPHandler } from '../../src/server.ts'
import { certfile } from '../support/certificates.ts'
import { TempDirectory } from '../support/temp-directory.ts'
import { holds } from './runs.ts'
import { secretScripts } from './sessions/commands.ts'
import { expectBack, holdings } from './sessions/leaks.ts'
import { PASSWORD } from './sessions/model.ts'
import { playSession } from './sessions/play.ts'

const directory = new TempDirectory()
let server: FTPServer

beforeAll(async () => {
  const authorizer = new DummyAuthorizer()
  mkdirSync(directory.at('alice'))
  authorizer.addUser('alice', PASSWORD, directory.at('alice'), { perm: 'elradfmwMT' })
  const options = { authorizer, authFailedTimeout: 0, certfile }
  server = await new FTPServer({ host: '127.0.0.1' }, TLS_FTPHandler, options).listen()
})

afterAll(async () => {
  await server.closeAll()
  directory[Symbol.dispose]()
})

holds(
  'sessions over TLS go as the protocol has them, and leave nothing behind',
  fc.asyncProperty(secretScripts('alice'), async (script) => {
    const root = directory.at('alice')
    rmSync(root, { recursive: true })
    mkdirSync(root)
    const before = holdings(server)
    try {
      const said = await playSession(script, { server, user: 'alice', root, speaksTls: true })
      await expectBack(server, before, `left behind:\n${said}`)
    } finally {
      for (const session of server.sessions) await session.close()
    }
  }),
  { runs: 60 },
)
