import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Fixture from '../../../src/index.ts'
import type * as Server from '../../../src/server.ts'

const { ROOT = '', PORT, TLS, CERT = '', KEY = '', RATE = '0', DIST = '', FORM } = process.env

const built = (file: string) => import(pathToFileURL(path.join(DIST, file)).href)
const options = {
  maxCons: 100_000,
  writeLimit: Number(RATE),
  ...(TLS === '1' ? { certfile: CERT, keyfile: KEY } : {}),
}

// A profile is written when a process exits by itself.
process.on('SIGTERM', () => process.exit())

/** A rule that is asked at every transfer and never applies. */
const idle = { name: 'idle', rules: [{ when: { command: 'RETR', path: '/never' }, then: { cut: { after: 0 } } }] }

if (FORM === 'ours-fixture' || FORM === 'ours-scenario') {
  const { startFtpServer } = (await built('index.js')) as typeof Fixture
  const scenario = FORM === 'ours-scenario' ? { scenario: idle as Fixture.Scenario } : {}
  await startFtpServer({ root: ROOT, port: Number(PORT), ...options, ...scenario })
} else {
  const { DummyAuthorizer, FTPHandler, FTPServer, TLS_FTPHandler } = (await built('server.js')) as typeof Server
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('user', '12345', ROOT, { perm: 'elradfmwMT' })
  const handler = TLS === '1' ? TLS_FTPHandler : FTPHandler
  const server = new FTPServer({ host: '127.0.0.1', port: Number(PORT) }, handler, { authorizer, ...options })
  if (FORM === 'ours-prefork') await server.serveForever({ workerProcesses: 0 })
  else await server.listen()
}
