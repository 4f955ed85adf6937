// What a thread or a process runs that serves one client. It imports nothing statically that has to be the same for
// the module that the user wrote: that may load this package as ES modules or as CommonJS.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { packError } from './portable-event.ts'
import { loadParts, type ServerParts } from './server-parts.ts'
import { WorkerLink } from './worker-link.ts'

type Build = typeof import('./guest-server.ts')

const require = createRequire(import.meta.url)
const COMMONJS = fileURLToPath(new URL('../../dist-cjs/', import.meta.url))

/** The build of this package that the parts are made with. */
async function buildOf(parts: ServerParts): Promise<Build> {
  if (Object.keys(require.cache).some((file) => file.startsWith(COMMONJS))) {
    const build = require(`${COMMONJS}servers/guest-server.js`) as Build
    if (build.fits(parts)) return build
  }
  return import('./guest-server.ts')
}

const link = new WorkerLink()

process.on('uncaughtExceptionMonitor', (error) => link.post({ type: 'crash', error: packError(error) }))
if (isMainThread) {
  // When to end is the parent's decision; a Ctrl-C in a terminal reaches all.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  process.on('disconnect', () => process.exit())
}

/** Gets ready for a client with what the first message says. */
async function start(): Promise<void> {
  const message = await link.first()
  if (message.type !== 'start') throw new Error(`the first message is "${message.type}"`)
  const { module, data, options } = message
  const parts = await loadParts(module, data)
  const { receiveGuest } = await buildOf(parts)
  receiveGuest(link, parts, options)
}

start().catch((error: unknown) => link.close({ type: 'failed', error: packError(error) }))
