import { performance } from 'node:perf_hooks'
import { threadId } from 'node:worker_threads'

/** A name for this thread of this process that no other has, on this machine or another. */
export function threadName(): string {
  // In containers, processes are often number 1, each in its own.
  return `${process.pid}.${threadId}.${performance.timeOrigin}`
}
