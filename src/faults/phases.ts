import type { DataFlow, Seams } from '../handlers/seams.ts'
import type { Stage } from '../handlers/stages.ts'
import { bytesAt, type Mark } from './marks.ts'

/**
 * The moments of an exchange, by the names that scenarios give them, in the order in which they come:
 * - `accept` the client has connected; `tls-handshake` TLS is about to begin on the control connection; `greeting` the
 *   greeting is about to be written; `greeted` it has been.
 * - `before-read` a command is there, and not read; `after-read` it has been read, and not done; `quit` that for QUIT.
 * - `data-listen` a passive port is open; `data-accept` the data connection is there; `data-tls` its handshake is due.
 * - `preliminary` a 1yz reply is about to be written; `data-byte` so many bytes have passed; `data-end` all of them have;
 *   `data-closed` the data connection is closed.
 * - `final` the reply that ends the command is about to be written; `replied` it has been written.
 * - `idle` nothing has been said for a while.
 */
export const PHASES = [
  'accept',
  'tls-handshake',
  'greeting',
  'greeted',
  'before-read',
  'after-read',
  'quit',
  'data-listen',
  'data-accept',
  'data-tls',
  'preliminary',
  'data-byte',
  'data-end',
  'data-closed',
  'final',
  'replied',
  'idle',
] as const

export type Phase = (typeof PHASES)[number]

/** When in an exchange something is to happen. */
export interface Moment {
  readonly phase: Phase
  /** Of `data-byte`: behind how much. */
  readonly at?: Mark
}

/** Does something at a moment of an exchange; what follows waits for it. */
export type Act = () => Promise<void>

/** The seams by which something happens at a moment. */
export function seamsAt({ phase, at }: Moment, act: Act): Seams {
  switch (phase) {
    case 'accept':
    case 'before-read':
    case 'idle':
      return { before: act }
    case 'tls-handshake':
      return { securing: (_plain, connection) => (connection === 'control' ? act() : undefined) }
    case 'data-tls':
      return { securing: (_plain, connection) => (connection === 'data' ? act() : undefined) }
    case 'after-read':
    case 'quit':
      return { command: (obey) => act().then(obey) }
    case 'data-listen':
      return { listening: act }
    case 'data-accept':
      return { opened: act }
    case 'data-byte':
      return { data: (flow) => [actAfter(flow, at ?? { bytes: 0 }, act)] }
    case 'data-end':
      return { ending: act }
    case 'preliminary':
      return {
        reply: async (outgoing, send) => (outgoing.isPreliminary ? act().then(() => send(outgoing)) : send(outgoing)),
      }
    case 'greeting':
    case 'data-closed':
    case 'final':
      return {
        reply: async (outgoing, send) => (outgoing.isPreliminary ? send(outgoing) : act().then(() => send(outgoing))),
      }
    case 'greeted':
    case 'replied':
      return {
        reply: async (outgoing, send) => {
          await send(outgoing)
          if (!outgoing.isPreliminary) await act()
        },
      }
  }
}

function actAfter(flow: DataFlow, at: Mark, act: Act): Stage {
  const limit = bytesAt(at, flow)
  return async function* (chunks) {
    let rest = limit
    for await (const chunk of chunks) {
      if (chunk.length < rest || rest < 0) {
        rest -= chunk.length
        yield chunk
        continue
      }
      if (rest > 0) yield chunk.subarray(0, rest)
      await act()
      if (rest < chunk.length) yield chunk.subarray(rest)
      rest = -1
    }
  }
}
