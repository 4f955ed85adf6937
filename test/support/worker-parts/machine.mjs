// Serves in a process of its own, which a test may have run out of descriptors, halt or kill.
import { closeSync, openSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { DummyAuthorizer, FTPHandler, FTPServer, TLS_FTPHandler } from 'ftp-fixture/server'

const { root, ...options } = JSON.parse(process.argv[2])
const authorizer = new DummyAuthorizer()
authorizer.addUser('user', '12345', root, { perm: 'elradfmwMT' })
const handler = options.certfile === undefined ? FTPHandler : TLS_FTPHandler
const server = await new FTPServer({}, handler, { authorizer, ...options }).listen()
const held = []

const asked = {
  /** Takes all descriptors that are free, but for some. */
  hold: (spared) => {
    try {
      for (;;) held.push(openSync('/dev/null'))
    } catch {
      for (const fd of held.splice(0, spared)) closeSync(fd)
    }
  },
  release: () => {
    for (const fd of held.splice(0)) closeSync(fd)
  },
  /** How often the event loop has turned. */
  turns: () => performance.nodeTiming.uvMetricsInfo?.loopCount,
  now: () => ({ wall: new Date().getFullYear(), loop: server.ioloop.now() }),
}

process.on('message', ([name, ...args]) => process.send({ answer: asked[name](...args) ?? null }))
process.on('disconnect', () => process.exit())
process.send({ port: server.address.port })
