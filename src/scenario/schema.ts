import type { z as Zod, ZodType } from 'zod'
import type { Fault, Kit } from '../faults/fault.ts'
import { mark } from '../faults/marks.ts'
import { PHASES } from '../faults/phases.ts'
import type { RunFunction } from '../faults/run.ts'
import { duration } from '../faults/shapes.ts'
import { faults } from '../faults/table.ts'
import type { ServerOptions } from '../servers/options.ts'
import { expectSchema } from './expect/schema.ts'
import { schemaKit } from './kit.ts'
import { filesSchema, optionsSchema, usersSchema } from './start-schema.ts'

type Faults = typeof faults

/** The settings of each fault, as a rule gives them; several are done in the order written. */
export type Then = { readonly [K in keyof Faults]?: Zod.input<ReturnType<Faults[K]['schema']>> }

type Schemas = ReturnType<typeof makeSchemas>

/** When a rule applies; every field may be left out. */
export type When = Zod.input<Schemas['when']>

/** One thing that a server does wrong, and when. */
export type Rule = Omit<Zod.input<Schemas['rule']>, 'then'> & {
  /** What happens: faults in the order they are to be done in, or a function of yours. */
  then: Then | readonly Then[] | RunFunction
}

/** A way for a server to misbehave, what it starts with for that, and what a client should make of it. */
export type Scenario = Omit<Zod.input<Schemas['scenario']>, 'rules' | 'options'> & {
  options?: ScenarioOptions | undefined
  rules?: readonly Rule[] | undefined
}

/** Options of the server that a scenario sets. */
export type ScenarioOptions = ServerOptions & { tls?: boolean }

/** A scenario that has been checked: its quantities are in their inner units. */
export type CheckedScenario = Zod.output<Schemas['scenario']>
export type CheckedRule = Zod.output<Schemas['rule']>
export type CheckedWhen = Zod.output<Schemas['when']>

let schemas: Schemas | undefined

/** The one schema of scenarios, made when it is first needed. */
export function scenarioSchemas(): Schemas {
  schemas ??= makeSchemas(schemaKit())
  return schemas
}

function makeSchemas(z: Kit) {
  const when = whenSchema(z)
  const rule = ruleSchema(z, when)
  const scenario = z.strictObject({
    $schema: z.string().optional().meta({ description: 'Where editors find the JSON Schema.' }),
    name: z
      .string()
      .regex(/^[\w.-]+$/, { error: 'a name of letters, digits, - and .' })
      .optional()
      .meta({ description: 'Default: the name of the file.' }),
    description: z.string().optional().meta({ description: 'What a client meets, in a sentence or two.' }),
    source: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .meta({ description: 'Where this was seen in the wild: links.' }),
    extends: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .meta({ description: 'Scenarios that this one adds to: names of built-in ones, or files.' }),
    seed: z
      .int()
      .default(0)
      .meta({ description: 'Whatever is left to chance comes out the same for the same seed. Default: 0.' }),
    options: optionsSchema(z).optional(),
    users: usersSchema(z).optional(),
    files: filesSchema(z).optional(),
    rules: z
      .array(rule)
      .default([])
      .meta({ description: 'What happens when; all rules that match apply, in this order.' }),
    expect: expectSchema(z).optional(),
  })
  return { scenario, rule, when }
}

function whenSchema(z: Kit) {
  const oneOrMore = <T extends ZodType>(one: T) => z.union([one, z.array(one).min(1)])
  return z.strictObject({
    command: oneOrMore(z.string().regex(/^[^\s]+( [^\s]+)?$/, { error: "a verb, such as 'RETR' or 'SITE CHMOD'" }))
      .optional()
      .meta({ description: 'The command, or several. Default: any that the fault can be done to.' }),
    argument: z.string().optional().meta({ description: 'A glob for the argument.' }),
    path: z.string().optional().meta({ description: "A glob for the path, made absolute: '/pub/*.bin', '**/*.txt'." }),
    user: oneOrMore(z.string()).optional().meta({ description: 'Who is logged in, or about to.' }),
    session: oneOrMore(z.int().min(1))
      .optional()
      .meta({ description: 'The number of the session, from 1 in the order of connecting.' }),
    type: z.enum(['A', 'I']).optional().meta({ description: 'The TYPE that is set.' }),
    phase: z.enum(PHASES).optional().meta({ description: 'The moment to act in. Default: the one of the fault.' }),
    at: mark(z).optional().meta({ description: 'For the phase data-byte: behind how much of the data.' }),
    after: duration(z).optional().meta({ description: 'For the phase idle: after how long a silence.' }),
  })
}

function ruleSchema(z: Kit, when: ReturnType<typeof whenSchema>) {
  return z.strictObject({
    name: z.string().optional().meta({ description: 'What it is called in messages. Default: rules[0] …' }),
    when: when.default({}).meta({ description: 'All of this has to hold. Default: always.' }),
    skip: z.int().min(0).default(0).meta({ description: 'How many matches to let pass first. Default: 0.' }),
    times: z
      .union([z.int().min(1), z.literal('always')])
      .default('always')
      .meta({ description: 'How often it applies. Default: always.' }),
    per: z
      .enum(['scenario', 'session'])
      .default('scenario')
      .meta({ description: 'What skip and times are counted in. Default: scenario.' }),
    chance: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .meta({ description: 'With what probability it applies to a match, from 0 to 1.' }),
    seed: z.int().optional().meta({ description: "For chance. Default: the scenario's." }),
    optional: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether it is fine when it never applies. Default: false.' }),
    then: thenSchema(z),
  })
}

/** Each entry is one fault with its settings. */
function thenSchema(z: Kit) {
  const shape: Record<string, ZodType> = {}
  for (const { name, does, schema } of Object.values(faults) as unknown as Fault[]) {
    shape[name] = schema(z).optional().meta({ description: does })
  }
  const group = z.strictObject(shape).refine((then) => Object.keys(then).length > 0, { error: 'at least one fault' })
  const call = z.custom<RunFunction>((value) => typeof value === 'function').transform((run) => [{ run }])
  return z.union([group.transform((one) => [one]), z.array(group).min(1), call])
}
