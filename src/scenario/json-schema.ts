import type { core, ZodType } from 'zod'
import { schemaKit } from './kit.ts'
import { type Form, scenarioSchemas } from './schema.ts'
import { writtenOptions } from './written-options.ts'

/** Where the schema is found on the web. */
const ID = 'https://unpkg.com/ftp-fixture/scenarios/schema.json'

/** The JSON Schema of scenarios in files, for editors and validators. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return jsonSchemaOf('data')
}

/** The JSON Schema of scenarios in one of their forms; what only code can have takes anything there. */
export function jsonSchemaOf(form: Form): Record<string, unknown> {
  const z = schemaKit()
  const { $schema, ...schema } = z.toJSONSchema(scenarioSchemas(form).scenario, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
    metadata: onceNamed(),
    override: ({ jsonSchema }) => {
      // That something need not be written is all there is to a default.
      delete jsonSchema.default
      // No format of JSON Schema's: contentEncoding says it.
      if (jsonSchema.format === 'base64') delete jsonSchema.format
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  const { options } = schema.properties as { readonly options: { properties: Record<string, unknown> } }
  options.properties = Object.fromEntries(
    Object.entries(writtenOptions).map(([name, [written, description]]) => [name, { ...written, description }]),
  )
  return { $schema, $id: ID, title: 'Scenario of ftp-fixture', ...schema }
}

/** What is known of each schema; of several with one name only the first keeps it, since a name stands for one. */
function onceNamed(): core.$ZodRegistry<Record<string, unknown>> {
  const { globalRegistry, registry } = schemaKit()
  const owners = new Map<string, core.$ZodType>()
  const known = registry<Record<string, unknown>>()
  known.get = ((schema: ZodType) => {
    const { id, ...rest } = globalRegistry.get(schema) ?? {}
    if (id === undefined) return rest
    const owner = owners.get(id) ?? schema
    owners.set(id, owner)
    return owner === schema ? { id, ...rest } : rest
  }) as typeof known.get
  return known
}
