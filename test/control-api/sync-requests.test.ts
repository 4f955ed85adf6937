import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { SyncRequests } from '../../src/control-api/client/sync-requests.ts'

/** Answers each request with the number of its connection, its own number on that, and all of it. */
const SERVER = `
const { parentPort, workerData: { most } } = require('node:worker_threads')
const { createServer } = require('node:net')
let connections = 0
const server = createServer((socket) => {
  const connection = ++connections
  let requests = 0
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    if (String(bytes).includes('/silence')) return
    if (++requests > most) return socket.destroy()
    if (String(bytes).includes('/half')) {
      parentPort.postMessage('half')
      socket.write('HTTP/1.1 200 OK\\r\\ncontent-length: 9\\r\\n\\r\\nhalf')
      return setTimeout(() => socket.destroy(), 50)
    }
    const text = connection + '.' + requests + ' ' + bytes
    socket.write('HTTP/1.1 200 OK\\r\\ncontent-length: ' + Buffer.byteLength(text) + '\\r\\n\\r\\n' + text)
  })
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

const headers = { authorization: 'Bearer secret' }

interface Served extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly worker: Worker
}

async function serve(most: number): Promise<Served> {
  const worker = new Worker(SERVER, { eval: true, workerData: { most } })
  const [port] = (await once(worker, 'message')) as [number]
  return { host: '127.0.0.1', port, worker, [Symbol.asyncDispose]: async () => void (await worker.terminate()) }
}

/** The text of an answer. */
function text(requests: SyncRequests, path: string, body?: string): string {
  const answer = requests.send({ method: 'POST', path, headers, body })
  if (answer === undefined || !('status' in answer)) throw new Error(`no answer: ${answer?.code}`)
  expect(answer.status).toBe(200)
  return answer.text
}

test('the answer is there when the call is over, and the connection is kept', async () => {
  await using server = await serve(100)
  const requests = new SyncRequests(server, 5000)
  const first = text(requests, '/a?b=1', '{"ä":1}')
  expect(first).toMatch(/^1\.1 POST \/a\?b=1 HTTP/)
  expect(first).toContain('authorization: Bearer secret\r\n')
  expect(first).toContain('\r\n\r\n{"ä":1}')
  expect(text(requests, '/').slice(0, 3)).toBe('1.2')
  await requests.release()
})

test('a kept connection that the server has closed is replaced', async () => {
  await using server = await serve(1)
  const requests = new SyncRequests(server, 5000)
  expect(text(requests, '/').slice(0, 3)).toBe('1.1')
  expect(text(requests, '/').slice(0, 3)).toBe('2.1')
  await requests.release()
})

test('what breaks off amid its answer is not done twice', async () => {
  await using server = await serve(100)
  let halves = 0
  server.worker.on('message', () => halves++)
  const requests = new SyncRequests(server, 5000)
  text(requests, '/')
  expect(requests.send({ method: 'POST', path: '/half', headers })).toMatchObject({ code: 'ECONNRESET' })
  text(requests, '/')
  await vi.waitFor(() => expect(halves).toBe(1))
  await requests.release()
})

test('without an answer in time there is none, and it is not taken for that of the next request', async () => {
  await using server = await serve(100)
  const requests = new SyncRequests(server, 300)
  expect(requests.send({ method: 'GET', path: '/silence', headers })).toBeUndefined()
  expect(text(requests, '/next')).toContain('/next')
  await requests.release()
})

test('where nobody listens, it says so', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  server.close()
  await once(server, 'close')
  const requests = new SyncRequests({ host: '127.0.0.1', port }, 5000)
  expect(requests.send({ method: 'GET', path: '/', headers })).toMatchObject({ code: 'ECONNREFUSED' })
  await requests.release()
})

test.runIf(process.platform === 'linux')('the thread is there from the first request until the end', async () => {
  const threads = () => readdirSync('/proc/self/task').length
  await using server = await serve(100)
  const before = threads()
  const requests = new SyncRequests(server, 5000)
  expect(threads()).toBe(before)
  text(requests, '/')
  expect(threads()).toBeGreaterThan(before)
  await requests.release()
  expect(threads()).toBe(before)
})
