import type { ZodType } from 'zod'
import { scenarioJsonSchema } from '../scenario/json-schema.ts'
import { schemaKit } from '../scenario/kit.ts'

/** What is of interest of a JSON Schema. */
export interface Schema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly $defs?: Readonly<Record<string, Schema>>
}

const COMPONENTS = '#/components/schemas/'

/** The JSON Schema of values; what it has that goes by a name of its own is put with the components. */
export function schemaOf(schema: ZodType, io: 'input' | 'output', components: Record<string, Schema>): Schema {
  const z = schemaKit()
  // Within something, as what is at the top would not go by its name.
  const { properties, $defs } = z.toJSONSchema(z.object({ it: schema }), { io, unrepresentable: 'any' }) as Schema
  for (const [name, definition] of Object.entries($defs ?? {})) components[name] ??= nameless(definition)
  return nameless(properties?.it ?? {})
}

/** Puts the scenario language with the components: the schema of scenarios in files, and the parts that stand alone. */
export function withScenario(components: Record<string, Schema>): void {
  const { $schema, $id, $defs = {}, ...schema } = scenarioJsonSchema() as Schema & Readonly<Record<string, unknown>>
  const { rules, expect, ...others } = schema.properties ?? {}
  for (const [name, definition] of Object.entries($defs)) components[name] = nameless(definition)
  components.Rule = nameless(rules?.items ?? {})
  components.Expectation = nameless(expect ?? {})
  const properties = {
    ...others,
    rules: { ...rules, items: { $ref: `${COMPONENTS}Rule` } },
    expect: { $ref: `${COMPONENTS}Expectation` },
  }
  components.Scenario = nameless({ ...schema, properties } as Schema)
}

/** The names in the braces of a path. */
export function partsIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}

/** A schema whose parts are among the components. */
function nameless(schema: Schema): Schema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  )
  return JSON.parse(text.replaceAll('"#/$defs/', `"${COMPONENTS}`)) as Schema
}
