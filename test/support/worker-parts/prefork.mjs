// Serves with several processes, as its arguments say, and tells on its output what happens.
import cluster from 'node:cluster'
import { writeFileSync } from 'node:fs'
import { DummyAuthorizer, FTPHandler, FTPServer } from 'ftp-fixture/server'

const { root, port, serve, dieAtStart, ...options } = JSON.parse(process.argv[2])
const tell = (line) => writeFileSync(1, `${line}\n`)

if (dieAtStart && cluster.isWorker) process.exit(5)

class Handler extends FTPHandler {
  onFileReceived(path) {
    if (path === '/crash.txt') process.kill(process.pid, 'SIGKILL')
    if (path === '/spin.txt') for (;;);
    return path === '/hang.txt' ? new Promise(() => {}) : undefined
  }
}

const authorizer = new DummyAuthorizer()
authorizer.addUser('user', '12345', root, { perm: 'elradfmwMT' })
const server = new FTPServer({ port }, Handler, {
  authorizer,
  banner: `Process ${process.pid}.`,
  ...options,
  onEvent: ({ type, session, ...rest }) => {
    if (!['command', 'reply'].includes(type))
      tell(`event ${type} ${session} ${rest.error ?? rest.username ?? ''}`.trim())
  },
})
const served = server.serveForever(serve)
await server.listen()
if (cluster.isPrimary) {
  tell(`listening ${server.address.port}`)
  process.on('message', (changes) => server.configure(changes))
}
const signal = await served
if (cluster.isPrimary) {
  process.channel?.unref()
  tell(`ended ${signal}`)
}
