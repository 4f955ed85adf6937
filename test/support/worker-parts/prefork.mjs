// Serves with several processes, as its arguments say, and tells on its output what happens.
import cluster from 'node:cluster'
import { writeFileSync } from 'node:fs'
import { DummyAuthorizer, FTPHandler, FTPServer } from 'ftp-fixture/server'

const { root, port, serve, dieAtStart, hear, ...options } = JSON.parse(process.argv[2])
const tell = (line) => writeFileSync(1, `${line}\n`)

if (dieAtStart && cluster.isWorker) process.exit(5)

class Handler extends FTPHandler {
  onFileReceived(path) {
    if (path === '/crash.txt') process.kill(process.pid, 'SIGKILL')
    if (path === '/spin.txt') for (;;);
    return path === '/hang.txt' ? new Promise(() => {}) : undefined
  }
}

const told = ({ type, session, ...rest }) => {
  if (!['command', 'reply'].includes(type)) tell(`event ${type} ${session} ${rest.error ?? rest.username ?? ''}`.trim())
}

const authorizer = new DummyAuthorizer()
authorizer.addUser('user', '12345', root, { perm: 'elradfmwMT' })
const server = new FTPServer({ port }, Handler, {
  authorizer,
  banner: `Process ${process.pid}.`,
  ...options,
  ...(hear === undefined && { onEvent: told }),
})
for (const type of hear ?? []) server.on(type, told)
// What the processes say to the first one, heard beside the server.
cluster.on('message', (_worker, { ftpFixture: { type, event } }) => {
  if (hear !== undefined) tell(`sent ${event?.event.type ?? type}`)
})
const served = server.serveForever(serve)
await server.listen()
if (cluster.isPrimary) {
  tell(`listening ${server.address.port}`)
  process.on('message', ({ on, off, ...changes }) => {
    if (on !== undefined) server.on(on, told)
    else if (off !== undefined) server.off(off, told)
    else server.configure(changes)
  })
}
const signal = await served
if (cluster.isPrimary) {
  process.channel?.unref()
  tell(`ended ${signal}`)
}
