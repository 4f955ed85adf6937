// Serves in a process of its own, which a test may have run out of descriptors, halt, kill or weigh.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DummyAuthorizer, FTPHandler, FTPServer, TLS_FTPHandler } from 'ftp-fixture/server'

const { root, ...options } = JSON.parse(process.argv[2])
const authorizer = new DummyAuthorizer()
authorizer.addUser('user', '12345', root, { perm: 'elradfmwMT' })
const handler = options.certfile === undefined ? FTPHandler : TLS_FTPHandler
const server = await new FTPServer({}, handler, { authorizer, ...options }).listen()
const held = []
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')
const kBIn = (file, name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'latin1'))?.[1])

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
  sessions: () => server.sessions.size,
  /** What it takes, in bytes, garbage not counted. */
  memory: () => {
    // Nobody else would have the garbage collected at once: others' waiting does not count.
    delay.disable()
    collectGarbage()
    // Buffers of the first time are given back by a thread, which the second one waits for.
    collectGarbage()
    delay.enable()
    const { heapUsed, external } = process.memoryUsage()
    return { pss: kBIn('/proc/self/smaps_rollup', 'Pss') * 1024, heap: heapUsed + external }
  },
  /** The most that it took at any time, in bytes, garbage counted. */
  peak: () => kBIn('/proc/self/status', 'VmHWM') * 1024,
  /** How long others waited for their turn since this was asked last, in milliseconds beyond the one that it looks after. */
  delay: () => {
    const [p50, p99, max] = [delay.percentile(50), delay.percentile(99), delay.max].map((ns) => ns / 1e6)
    delay.reset()
    return { p50, p99, max }
  },
}

process.on('message', ([name, ...args]) => process.send({ answer: asked[name](...args) ?? null }))
process.on('disconnect', () => process.exit())
process.send({ port: server.address.port })
