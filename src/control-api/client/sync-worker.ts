/**
 * What the thread runs that makes requests while the thread that wants the answer is held up. It is text, so that it is
 * the same from sources, from both builds and in the contexts of test runners, and needs nothing but Node.
 */
export const SYNC_WORKER = `
const { workerData: { port, done, host, hostPort } } = require('node:worker_threads')
const http = require('node:http')
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })

port.on('message', (request) => send(request, true))

function send(request, isFirst) {
  const { method, path, headers, body } = request
  let isAnswered = false
  let isOver = false
  const over = (message) => {
    if (!isOver) answer(message)
    isOver = true
  }
  const fail = (error) => {
    // The server may close an idle connection at the very moment it is used again; what it answers to, it has done.
    if (!isFirst || isAnswered || !outgoing.reusedSocket) return over({ code: error.code, message: error.message })
    isOver = true
    send(request, false)
  }
  const outgoing = http.request({ agent, host, port: hostPort, method, path, headers }, (incoming) => {
    isAnswered = true
    const chunks = []
    incoming.on('data', (chunk) => chunks.push(chunk))
    incoming.on('error', fail)
    incoming.on('end', () => over({ status: incoming.statusCode, text: String(Buffer.concat(chunks)) }))
  })
  outgoing.on('error', fail)
  outgoing.end(body)
}

function answer(message) {
  port.postMessage(message)
  Atomics.store(done, 0, 1)
  Atomics.notify(done, 0)
}
`
