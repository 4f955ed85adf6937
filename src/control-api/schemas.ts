import type { ZodType } from 'zod'
import type { Kit } from '../faults/fault.ts'
import { named } from '../faults/shapes.ts'
import type { Expectation } from '../scenario/expect/schema.ts'
import type { Rule, Scenario } from '../scenario/schema.ts'

/** What of the scenario language stands for itself in the document; its schema is the one of scenarios in files. */
interface Written {
  Scenario: Scenario
  Rule: Rule
  Expectation: Expectation
}

/** A part of the scenario language: who it is given to checks it. */
export function written<N extends keyof Written>(z: Kit, name: N): ZodType<Written[N]> {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
  const schema = z.custom<Written[N]>(isObject, { error: `an object, the ${name.toLowerCase()}` })
  return schema.meta({ $ref: `#/components/schemas/${name}` })
}

/** A path on the server: whether it leads out is for the files to tell. */
export function pathParameter(z: Kit): ZodType<string> {
  const isPath = (path: string) => !path.includes('\0')
  return z.string().refine(isPath, { error: 'a path' }).meta({ description: "A path on the server: '/pub/hello.txt'." })
}

/** A whole number in a query, which is text there. */
export function countParameter(z: Kit, description: string): ZodType<number> {
  const isCount = (value: unknown) => typeof value === 'string' && /^\d{1,15}$/.test(value)
  return z
    .custom<string>(isCount, { error: 'a whole number ≥ 0' })
    .transform(Number)
    .meta({ type: 'integer', minimum: 0, description })
}

/** `true` or `false` in a query. */
export function booleanParameter(z: Kit, description: string): ZodType<boolean> {
  return z
    .enum(['true', 'false'])
    .transform((word) => word === 'true')
    .meta({ description })
}

/** The schema of what is told of a server, or of a lane of it. */
export function serverSchema(z: Kit): ZodType {
  return named('Server', 'A server, or a lane of it: how to reach it, and who may log in.', () =>
    z.strictObject({
      name: z.literal('ftp-fixture'),
      version: z.string(),
      host: z.string(),
      port: z.int(),
      username: z.string(),
      password: z.string(),
      url: z.string().meta({ description: 'For clients, with user name and password.' }),
      ca: z.string().optional().meta({ description: 'The certificate to trust, in PEM.' }),
      root: z.string().meta({ description: "The directory served, on the server's machine." }),
      scenario: z.string().optional().meta({ description: 'The scenario in use.' }),
      clock: z.enum(['real', 'manual']),
      now: z.number().meta({ description: "Milliseconds since the epoch, by the server's clock." }),
      pid: z.int().meta({ description: 'The process it runs in.' }),
      thread: z.string().meta({ description: 'The thread of that process, by a name that no other has.' }),
      lane: z.string().optional().meta({ description: 'Which lane this is.' }),
    }),
  )
}

/** The schema of what a stop had to cut short. */
export function stopReportSchema(z: Kit): ZodType {
  return named('StopReport', 'What had to be cut short.', () =>
    z.strictObject({
      sessions: z.int().min(0).meta({ description: 'Sessions that were still open.' }),
      transfers: z.int().min(0).meta({ description: 'Transfers that were still running.' }),
      unfired: z.array(z.string()).meta({ description: 'A sentence on each rule that never applied.' }),
    }),
  )
}

/** The schema of an error. */
export function errorSchema(z: Kit): ZodType {
  const place = z.strictObject({
    file: z.string(),
    line: z.int().optional(),
    column: z.int().optional(),
    path: z.string(),
  })
  return named('Error', 'Why a request came to nothing.', () =>
    z.strictObject({
      error: z.strictObject({
        code: z.string().meta({ description: 'To be compared in code: ERR_SCENARIO_UNKNOWN, ENOENT …' }),
        message: z.string(),
        failures: z.array(z.string()).optional().meta({ description: 'A sentence on each thing that was missed.' }),
        dialogue: z.string().optional().meta({ description: 'What happened, marked where something was missed.' }),
        place: place.optional().meta({ description: 'Where in a scenario something is wrong.' }),
        problem: z.string().optional().meta({ description: 'What is wrong there.' }),
      }),
    }),
  )
}
