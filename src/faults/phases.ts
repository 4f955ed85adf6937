import type { DataFlow, Seams } from '../handlers/seams.ts'
import type { Stage } from '../handlers/stages.ts'
import type { Exchange, Need } from './fault.ts'
import { type Mark, placeOf } from './marks.ts'

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

/** What an exchange must be for there to be such a moment in it: a data connection belongs to the command that set it up. */
export const phaseNeeds: Readonly<Partial<Record<Phase, Need>>> = {
  'tls-handshake': 'control-handshake',
  'data-listen': 'passive',
  'data-accept': 'set-up',
  'data-tls': 'data-handshake',
  preliminary: 'transfer',
  'data-byte': 'transfer',
  'data-end': 'transfer',
  'data-closed': 'transfer',
}

/** When in an exchange something is to happen. */
export interface Moment {
  readonly phase: Phase
  /** Of `data-byte`: behind how much. */
  readonly at?: Mark
}

/** Does something at a moment of an exchange; what follows waits for it, but for the data at `preliminary`. */
export type Act = () => Promise<void>

/** The seams by which something happens at a moment of an exchange. */
export function seamsAt({ phase, at }: Moment, exchange: Exchange, act: Act): Seams {
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
      return { data: (flow) => actAtByte(flow, placeOf(at ?? { bytes: 0 }, flow, exchange), exchange, act) }
    case 'data-end':
      return { ending: (flow) => flow.hold(act()) }
    case 'preliminary':
      return { reply: (outgoing, send) => (outgoing.isPreliminary ? act().then(() => send(outgoing)) : send(outgoing)) }
    case 'data-closed':
      return afterData(act)
    case 'greeting':
    case 'final':
      return { reply: (outgoing, send) => (outgoing.isPreliminary ? send(outgoing) : act().then(() => send(outgoing))) }
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

/** The data connection of a transfer is closed before its final reply is sent; a refusal has none behind it. */
function afterData(act: Act): Seams {
  let isAnnounced = false
  return {
    reply: async (outgoing, send) => {
      if (outgoing.isPreliminary) isAnnounced = true
      else if (isAnnounced) await act()
      await send(outgoing)
    },
  }
}

/** The first place of all is behind the preliminary reply: a connection that is there already would be faster. */
function actAtByte(flow: DataFlow, limit: number, exchange: Exchange, act: Act): readonly Stage[] {
  if (limit > 0) return actAfter(flow, limit, act)
  return actAfter(flow, limit, async () => {
    await exchange.announced()
    if (!flow.signal.aborted) await act()
  })
}

/** What is to happen in a transfer, by the place. */
const acts = new WeakMap<DataFlow, Map<number, Act[]>>()

/** One stage for all that happens at a place, in the order written: of two stages, the one behind would be first. */
function actAfter(flow: DataFlow, limit: number, act: Act): readonly Stage[] {
  const places = acts.get(flow) ?? new Map<number, Act[]>()
  acts.set(flow, places)
  const others = places.get(limit)
  if (others !== undefined) {
    others.push(act)
    return []
  }
  const all = [act]
  places.set(limit, all)
  return [pausing(flow, limit, () => inTurn(all))]
}

async function inTurn(all: readonly Act[]): Promise<void> {
  for (const act of all) await act()
}

function pausing(flow: DataFlow, limit: number, act: Act): Stage {
  // What is sent behind an end does not cross the wire, and must not be counted.
  const isOver = () => flow.direction === 'sent' && flow.signal.aborted
  return async function* (chunks) {
    let rest = limit
    // Nothing has to come for the first place of all.
    if (rest === 0) await flow.hold(act())
    for await (const chunk of chunks) {
      if (isOver()) return
      const before = rest
      rest -= chunk.length
      if (before <= 0 || rest > 0) {
        yield chunk
        continue
      }
      yield chunk.subarray(0, before)
      await flow.hold(act())
      if (before < chunk.length && !isOver()) yield chunk.subarray(before)
    }
  }
}
