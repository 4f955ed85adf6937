// Serves one client of its own with the model and the directory given, closes, and leaves the rest to Node.
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import * as library from 'ftp-fixture/server'

const [model, root] = process.argv.slice(2)
const module = fileURLToPath(new URL('./parts.mjs', import.meta.url))
const { [model]: Model } = library
const server = await new Model({}, module, { data: { root } }).listen()
const socket = connect(server.address.port)
const lines = ['USER user', 'PASS 12345', 'QUIT']
socket.on('data', (bytes) => {
  if (String(bytes).startsWith('230')) process.stdout.write('230 ')
  const line = lines.shift()
  if (line) socket.write(`${line}\r\n`)
})
socket.on('close', async () => {
  await server.close()
  process.stdout.write('closed\n')
})
