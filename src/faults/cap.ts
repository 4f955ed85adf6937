import type { FTPHandler } from '../handlers/ftp-handler.ts'
import type { Seams } from '../handlers/seams.ts'
import { type Exchange, fault } from './fault.ts'
import { replies, type ScriptedReply } from './scripted-reply.ts'
import { duration } from './shapes.ts'

interface Cap {
  readonly sessions: number
  readonly per: 'server' | 'user' | 'ip'
  readonly freeAfter: number
  readonly with?: readonly ScriptedReply[] | undefined
}

/** What a rule knows of the sessions whose places it counts. */
interface Places {
  /** The greeting is due: whether it has a place is not decided. */
  readonly arriving: Set<FTPHandler>
  readonly refused: WeakSet<FTPHandler>
  /** PASS has been let through, and is being done. */
  readonly entering: Set<FTPHandler>
  readonly followed: WeakSet<FTPHandler>
  /** Sessions that are over and keep their places until then. */
  kept: readonly { readonly key: string; readonly untilMs: number }[]
}

/** Not one session more. */
export const cap = fault({
  name: 'cap',
  does: 'Refuses more than so many `sessions` of the server, a user or an address: by 421 at the greeting, or by 530 at PASS where that is the command or users are counted.',
  mayPass: true,
  schema: (z) =>
    z.strictObject({
      sessions: z.int().min(0).meta({ description: 'How many there may be at a time; with 0 nobody is let in.' }),
      per: z
        .enum(['server', 'user', 'ip'])
        .default('server')
        .meta({ description: 'Whose sessions are counted together. Default: all of the server.' }),
      freeAfter: duration(z)
        .default(0)
        .meta({ description: 'How long a session keeps its place when it is over. Default: 0.' }),
      with: replies(z).optional().meta({ description: "The refusal. Default: '421 Too many connections …', or 530." }),
    }),
  seams: (settings, exchange) => {
    const { command, session, memory } = exchange
    const places = placesOf(exchange)
    if (command === undefined) {
      if (settings.per === 'user') return {}
      memory.set('greets', true)
      places.arriving.add(session.handler)
      return atGreeting(settings, exchange, places)
    }
    // A rule that is not shown clients who connect is one for PASS.
    const isForPass = settings.per === 'user' || !memory.has('greets')
    return isForPass && command.verb === 'PASS' ? atPass(settings, exchange, places) : {}
  },
})

function atGreeting(settings: Cap, exchange: Exchange, places: Places): Seams {
  const { handler } = exchange.session
  return {
    reply: (natural, send) => {
      const isFull = taken(settings, exchange, places, () => true) >= settings.sessions
      places.arriving.delete(handler)
      if (!isFull) {
        follow(settings, handler, places)
        return send(natural)
      }
      places.refused.add(handler)
      exchange.note(refusal(settings))
      const said = settings.with ?? [{ text: '421 Too many connections; try again later.' }]
      return exchange.replace(natural, send, ...said).then(() => handler.connection.leave())
    },
  }
}

function atPass(settings: Cap, exchange: Exchange, places: Places): Seams {
  const { session } = exchange
  const { handler } = session
  return {
    command: async (obey) => {
      if (session.login.step !== 'password') return obey()
      const isIn = (other: FTPHandler) => other.session.login.step === 'done' || places.entering.has(other)
      if (taken(settings, exchange, places, isIn) < settings.sessions) {
        follow(settings, handler, places)
        places.entering.add(handler)
        return Promise.resolve(obey()).finally(() => places.entering.delete(handler))
      }
      exchange.note(refusal(settings))
      session.login = { step: 'user' }
      await exchange.conclude(...(settings.with ?? [{ text: '530 Too many sessions; try again later.' }]))
      return undefined
    },
  }
}

function placesOf({ memory }: Exchange): Places {
  const known = memory.get('places') as Places | undefined
  if (known !== undefined) return known
  const places: Places = {
    arriving: new Set(),
    refused: new WeakSet(),
    entering: new Set(),
    followed: new WeakSet(),
    kept: [],
  }
  memory.set('places', places)
  return places
}

/** How many places are taken of those that count for this session, by others. */
function taken(settings: Cap, { session }: Exchange, places: Places, counts: (other: FTPHandler) => boolean): number {
  const { handler, ioloop } = session
  const key = keyOf(settings, handler)
  places.kept = places.kept.filter(({ untilMs }) => untilMs > ioloop.now())
  const open = [...handler.server.sessions].filter((other) => {
    if (other === handler || places.refused.has(other) || places.arriving.has(other)) return false
    follow(settings, other, places)
    return counts(other) && keyOf(settings, other) === key
  })
  return open.length + places.kept.filter((one) => one.key === key).length
}

/** Has a session keep its place for a while when it is over. */
function follow(settings: Cap, handler: FTPHandler, places: Places): void {
  if (settings.freeAfter === 0 || places.followed.has(handler)) return
  places.followed.add(handler)
  const { ioloop } = handler.server
  void handler.closed.then(() => {
    if (settings.per === 'user' && handler.session.login.step !== 'done') return
    places.kept = [...places.kept, { key: keyOf(settings, handler), untilMs: ioloop.now() + settings.freeAfter }]
  })
}

function keyOf({ per }: Cap, handler: FTPHandler): string {
  if (per === 'server') return ''
  return per === 'ip' ? handler.remoteAddress : handler.username
}

function refusal({ sessions, per }: Cap): string {
  if (sessions === 0) return 'session refused: none is let in'
  const whose = { server: '', user: ' of the user', ip: ' of the address' }[per]
  return `session refused: ${sessions}${whose} ${sessions === 1 ? 'is' : 'are'} there already`
}
