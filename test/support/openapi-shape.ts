const text = { type: 'string' }

const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

const mapOf = (values: object) => ({ type: 'object', additionalProperties: values })

const content = mapOf(object({ schema: { $ref: '#/$defs/schema' } }))

const parameter = object(
  {
    name: text,
    in: { enum: ['path', 'query'] },
    required: { type: 'boolean' },
    description: text,
    schema: { $ref: '#/$defs/schema' },
  },
  ['name', 'in', 'schema'],
)

const operation = object(
  {
    operationId: { type: 'string', pattern: '^[a-z][A-Za-z]+$' },
    summary: text,
    description: text,
    parameters: { type: 'array', minItems: 1, items: parameter },
    requestBody: object({ required: { type: 'boolean' }, content: { ...content, minProperties: 1 } }, ['content']),
    responses: {
      type: 'object',
      minProperties: 1,
      patternProperties: { '^[1-5]\\d\\d$': object({ description: text, content }, ['description']) },
      additionalProperties: false,
    },
  },
  ['operationId', 'summary', 'responses'],
)

const verbs = Object.fromEntries(['get', 'head', 'put', 'post', 'delete'].map((verb) => [verb, operation]))

/** What of OpenAPI 3.1 the API's document makes use of, as a JSON Schema; anything else in it is a mistake. */
export const openApiShape = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $defs: { schema: { $ref: 'https://json-schema.org/draft/2020-12/schema' } },
  ...object(
    {
      openapi: { const: '3.1.0' },
      info: object({ title: text, version: text, description: text }, ['title', 'version']),
      servers: { type: 'array', items: object({ url: { type: 'string', pattern: '^http://' } }, ['url']) },
      security: { type: 'array', items: mapOf({ type: 'array', items: text }) },
      paths: {
        type: 'object',
        patternProperties: { '^/': object(verbs) },
        additionalProperties: false,
      },
      components: object({
        schemas: { ...mapOf({ $ref: '#/$defs/schema' }), propertyNames: { pattern: '^[\\w.-]+$' } },
        securitySchemes: mapOf(
          object({ type: { const: 'http' }, scheme: { enum: ['basic', 'bearer'] }, description: text }, [
            'type',
            'scheme',
          ]),
        ),
      }),
    },
    ['openapi', 'info', 'paths'],
  ),
} as const
