// What a thread or a process runs that serves one client.
import { isMainThread } from 'node:worker_threads'
import { receiveGuest } from './guest-server.ts'
import { packError } from './portable-event.ts'
import { loadParts } from './server-parts.ts'
import { WorkerLink } from './worker-link.ts'

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
  receiveGuest(link, parts, options)
}

start().catch((error: unknown) => link.close({ type: 'failed', error: packError(error) }))
