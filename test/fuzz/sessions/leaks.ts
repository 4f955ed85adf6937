import { readdirSync, readlinkSync } from 'node:fs'
import { expect } from 'vitest'
import type { FTPServer } from '../../../src/server.ts'
import { turn } from './data-plan.ts'

/** What must not grow: descriptors by kind, and what the server has on its hands. */
export interface Holdings {
  readonly descriptors: Readonly<Record<string, number>>
  readonly sessions: number
  readonly dataConnections: number
  /** Timers of the server's. */
  readonly timers: number
}

/** What is held now. */
export function holdings({ sessions, dataConnections, ioloop, restingSockets }: FTPServer): Holdings {
  // Those that rest are kept on purpose.
  const descriptors: Record<string, number> = { socket: -restingSockets.count }
  for (const fd of process.platform === 'linux' ? readdirSync('/proc/self/fd') : []) {
    const kind = kindOf(fd)
    if (kind !== undefined) descriptors[kind] = (descriptors[kind] ?? 0) + 1
  }
  return { descriptors, sessions: sessions.size, dataConnections, timers: ioloop.pending }
}

/** Fails unless all that was taken since is given back, once what is being closed is gone. */
export async function expectBack(server: FTPServer, before: Holdings, message: string): Promise<void> {
  const isBack = () => JSON.stringify(holdings(server)) === JSON.stringify(before)
  for (let n = 0; n < 2000 && !isBack(); n++) await turn(1)
  expect(holdings(server), message).toEqual(before)
}

/** Sockets, and files by their paths; of others, and of the one that reads this, nothing is to be known. */
function kindOf(fd: string): string | undefined {
  try {
    const target = readlinkSync(`/proc/self/fd/${fd}`)
    if (target.startsWith('socket:')) return 'socket'
    return target.startsWith('/tmp/') ? target : undefined
  } catch {
    return undefined
  }
}
