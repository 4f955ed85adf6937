import type { ZodType } from 'zod'
import type { Kit } from '../faults/fault.ts'
import { named } from '../faults/shapes.ts'
import type { FtpEvent } from '../handlers/events.ts'

type Fields = Readonly<Record<string, ZodType>>

/** What each type of event tells, beside when it was and which session it is. */
function fieldsOfEvents(z: Kit): Readonly<Record<FtpEvent['type'], Fields>> {
  const [text, count, milliseconds] = [z.string(), z.int().min(0), z.number().min(0)]
  const connection = z.enum(['control', 'data'])
  const remote = { remoteAddress: text, remotePort: count }
  return {
    connect: { ...remote, localPort: count },
    disconnect: { durationMs: milliseconds, error: text.optional() },
    command: { verb: text, argument: text, line: text },
    reply: { code: count, lines: z.array(text), verb: text, durationMs: milliseconds, wire: text.optional() },
    fault: { scenario: text, rule: text, fault: text, effect: text, verb: text },
    login: { username: text },
    'login-failed': { username: text },
    logout: { username: text },
    'data-listen': { address: text, port: count },
    'data-open': { mode: z.enum(['passive', 'active']), ...remote },
    'data-refused': { ...remote, reason: text },
    tls: { connection, protocol: text, cipher: text, resumed: z.boolean() },
    'tls-failed': { connection, reason: text },
    transfer: {
      verb: text,
      direction: z.enum(['sent', 'received']),
      path: text,
      bytes: count,
      restartMarker: count,
      representation: z.enum(['A', 'I']),
      outcome: z.enum(['completed', 'aborted', 'failed']),
      reason: text.optional(),
      durationMs: milliseconds,
    },
    limit: { limit: z.enum(['maxCons', 'maxConsPerIp']), remoteAddress: text },
    warning: { message: text },
    debug: { message: text },
    error: { error: text },
  }
}

/** The schema of events, as they are told. */
export function eventSchema(z: Kit): ZodType {
  return named('Event', 'One thing that happened, on the time line of the server.', () => ofEachType(z, z.strictObject))
}

/** The schema of what events are picked by: a type, and the values of some of its fields. */
export function eventMatchSchema(z: Kit): ZodType<{ type: FtpEvent['type'] }> {
  const description = 'Which event: its type, and the values that fields of it have to have.'
  const partial = (shape: Record<string, ZodType>) => {
    const { type = z.never(), ...others } = shape
    return z.strictObject({ ...z.object(others).partial().shape, type })
  }
  return named('EventMatch', description, () => ofEachType(z, partial as Kit['strictObject'])) as never
}

function ofEachType(z: Kit, make: Kit['strictObject']) {
  const always = { at: z.number(), session: z.int().min(0) }
  const [first, ...others] = Object.entries(fieldsOfEvents(z)).map(([type, fields]) =>
    make({ type: z.literal(type), ...fields, ...always }).meta({ title: type }),
  )
  if (first === undefined) throw new Error('unreachable: there are types of events')
  return z.discriminatedUnion('type', [first, ...others] as never)
}
