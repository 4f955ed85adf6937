import type { z as Zod, ZodType } from 'zod'
import type { Fault, Kit } from '../faults/fault.ts'
import { mark } from '../faults/marks.ts'
import { PHASES } from '../faults/phases.ts'
import { type RunFunction, run } from '../faults/run.ts'
import { duration, named } from '../faults/shapes.ts'
import { faults } from '../faults/table.ts'
import type { Suggested } from '../options/suggested.ts'
import { type Expectation, expectSchema } from './expect/schema.ts'
import { schemaKit } from './kit.ts'
import type { BuiltInScenario, KnownVerb } from './names.ts'
import { knownCommands } from './needs.ts'
import {
  filesSchema,
  optionsSchema,
  type ScenarioFiles,
  type ScenarioOptions,
  type ScenarioUser,
  usersSchema,
} from './start-schema.ts'
import { THEMES } from './themes.ts'
import type { Written } from './written.ts'

const OUTCOMES = ['success', 'failure', 'either'] as const

/** What a client that met a scenario should say in the end, by its exit status. */
export type Outcome = (typeof OUTCOMES)[number]

/** How a scenario was written: in a file as data, or in code, where there may be functions and bytes in it. */
export type Form = 'data' | 'code'

type Faults = typeof faults

/** The settings of each fault, as a rule gives them; several are done in the order written. */
export type Then = { readonly [K in keyof Faults]?: Written<Zod.input<ReturnType<Faults[K]['schema']>>> }

type Schemas = ReturnType<typeof makeSchemas>

/** When a rule applies; every field may be left out. */
export interface When extends Written<Zod.input<Schemas['when']>> {}

/** One thing that a server does wrong, and when. */
export interface Rule extends Omit<Written<Zod.input<Schemas['rule']>>, 'when' | 'then'> {
  /** All of this has to hold. Default: always. */
  readonly when?: When | undefined
  /** What happens: faults in the order they are to be done in, or a function of yours. */
  readonly then: Then | readonly Then[] | RunFunction
}

type OwnFields = 'rules' | 'options' | 'users' | 'files' | 'expect'

/** A way for a server to misbehave, what it starts with for that, and what a client should make of it. */
export interface Scenario extends Omit<Written<Zod.input<Schemas['scenario']>>, OwnFields> {
  /** Options of the server that hold while the scenario is played. */
  readonly options?: ScenarioOptions | undefined
  /** Who may log in, in place of the default user. */
  readonly users?: readonly ScenarioUser[] | undefined
  /** Files by path, the name of a world, or a directory to copy. */
  readonly files?: ScenarioFiles | undefined
  /** What happens when; all rules that match apply, in this order. */
  readonly rules?: readonly Rule[] | undefined
  /** What a client should have done by the end. */
  readonly expect?: Expectation | undefined
}

/** A scenario that has been checked: its quantities are in their inner units. */
export type CheckedScenario = Zod.output<Schemas['scenario']>
export type CheckedRule = Zod.output<Schemas['rule']>
export type CheckedWhen = Zod.output<Schemas['when']>

const made = new Map<Form, Schemas>()

/** The one schema of scenarios, made when it is first needed. */
export function scenarioSchemas(form: Form): Schemas {
  const known = made.get(form)
  if (known !== undefined) return known
  const schemas = makeSchemas(schemaKit(), form)
  made.set(form, schemas)
  return schemas
}

function makeSchemas(z: Kit, form: Form) {
  const when = whenSchema(z)
  const rule = ruleSchema(z, when, form)
  const expect = expectSchema(z)
  const scenario = z.strictObject({
    $schema: z.string().optional().meta({ description: 'Where editors find the JSON Schema.' }),
    name: z
      .string()
      .regex(/^[\w.-]+$/, { error: 'a name of letters, digits, -, _ and .' })
      .optional()
      .meta({ description: 'Default: the name of the file.' }),
    description: z.string().optional().meta({ description: 'What a client meets, in a sentence or two.' }),
    theme: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'What it is about, in a word or two.', examples: [...THEMES] }),
    outcome: z.enum(OUTCOMES).optional().meta({
      description:
        'What a good client that was told to list, download and upload says in the end, by its exit status: success where it can do all of it nevertheless, failure where it cannot, either where to say so is as good as to cope. Only `ftp-fixture check` knows exit statuses, and goes by it. Default: either.',
    }),
    source: oneOrMore(z, z.string()).optional().meta({ description: 'Where this was seen in the wild: links.' }),
    extends: oneOrMore<ZodType<string, Suggested<BuiltInScenario>>>(z, z.string().min(1)).optional().meta({
      description:
        'Scenarios that this one adds to: names of built-in ones, or files, relative to this one. Options go by key and files by path, users are replaced, rules come first, what is expected goes by key.',
    }),
    seed: z
      .int()
      .optional()
      .meta({ description: 'Whatever is left to chance comes out the same for the same seed. Default: 0.' }),
    options: optionsSchema(z, form).optional(),
    users: usersSchema(z).optional(),
    files: filesSchema(z, form).optional(),
    rules: z
      .array(rule)
      .default([])
      .meta({ description: 'What happens when; all rules that match apply, in this order.' }),
    expect: expect.optional().meta({ description: 'What a client should have done by the end.' }),
  })
  return { scenario, rule, when, expect }
}

function oneOrMore<T extends ZodType>(z: Kit, one: T) {
  return z.union([one, z.array(one).min(1)])
}

function whenSchema(z: Kit) {
  const verb = named<Suggested<KnownVerb>, string>('Verb', "A verb: 'RETR', 'SITE CHMOD'.", () =>
    z
      .string()
      .regex(/^[A-Za-z0-9_-]+( [A-Za-z0-9_-]+)?$/, { error: "a verb, such as 'RETR' or 'SITE CHMOD'" })
      .meta({ examples: Object.keys(knownCommands) }),
  )
  return z.strictObject({
    command: oneOrMore(z, verb)
      .optional()
      .meta({ description: 'The command, or several. Default: any that the fault can be done to.' }),
    argument: z.string().optional().meta({ description: 'A glob for the argument.' }),
    path: z.string().optional().meta({ description: "A glob for the path, made absolute: '/pub/*.bin', '**/*.txt'." }),
    user: oneOrMore(z, z.string()).optional().meta({ description: 'Who is logged in, or about to.' }),
    session: oneOrMore(z, z.int().min(1)).optional().meta({
      description: 'The number of the session, from 1 since the scenario was put on, in the order of connecting.',
    }),
    type: z.enum(['A', 'I']).optional().meta({ description: 'The TYPE that is set.' }),
    unsaid: oneOrMore(z, verb)
      .optional()
      .meta({ description: 'Only as long as the session has not said this command, or any of these.' }),
    login: z.boolean().optional().meta({ description: 'Whether somebody is logged in.' }),
    phase: z.enum(PHASES).optional().meta({ description: 'The moment to act in. Default: the one of the fault.' }),
    at: mark(z).optional().meta({ description: 'For the phase data-byte: behind how much of the data.' }),
    after: duration(z).optional().meta({ description: 'For the phase idle: after how long a silence.' }),
  })
}

function ruleSchema(z: Kit, when: ReturnType<typeof whenSchema>, form: Form) {
  return z.strictObject({
    name: z.string().min(1).optional().meta({ description: 'What it is called in messages. Default: rules[0] …' }),
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
    then: thenSchema(z, form),
  })
}

/** Each entry is one fault with its settings. */
function thenSchema(z: Kit, form: Form) {
  const shape: Record<string, ZodType> = {}
  for (const { name, does, schema } of Object.values(faults) as unknown as Fault[]) {
    if (form === 'code' || name !== run.name) shape[name] = schema(z).optional().meta({ description: does })
  }
  // What is no object was meant for none of these in particular.
  const error = ({ input }: { readonly input: unknown }) =>
    typeof input === 'object' && input !== null ? undefined : "faults with their settings, such as { delay: '5s' }"
  const group = z
    .strictObject(shape, { error })
    .refine((then) => Object.values(then).some((settings) => settings !== undefined), { error: 'at least one fault' })
    .meta({ id: 'Faults', description: 'Each is one fault with its settings.' })
  const groups = [group.transform((one) => [one]), z.array(group).min(1)] as const
  const call = z
    .custom<RunFunction>((value) => typeof value === 'function', { error: 'a function', params: { type: 'function' } })
    .transform((run): Record<string, unknown>[] => [{ run }])
  const description = 'What happens: faults with their settings, done in the order written; also as a list.'
  return z.union(form === 'code' ? [...groups, call] : groups, { error }).meta({ description })
}
