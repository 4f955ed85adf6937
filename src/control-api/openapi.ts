import type { ZodType } from 'zod'
import { schemaKit } from '../scenario/kit.ts'
import { version } from '../servers/version.ts'
import { partsIn, type Schema, schemaOf, withScenario } from './json-schemas.ts'
import { type Answer, LANE, mounted, type Route } from './route.ts'
import { errorSchema } from './schemas.ts'

/** What each status means where a request came to nothing. */
const refusals: Readonly<Record<number, string>> = {
  400: 'Something in the request is wrong.',
  401: 'The token is missing or wrong.',
  403: 'The request is from elsewhere: Host or Origin is not this API.',
  404: 'There is no such thing.',
  408: 'It did not happen in time.',
  409: 'Not as things are: stopped, or something that this server, or this file, does not allow.',
  413: 'The body is too large.',
  415: 'The body is of another type.',
  422: 'What was expected did not come true.',
  500: 'Something that should not have happened.',
}

/** The API as an OpenAPI 3.1 document, made of its routes. */
export function openApi(routes: readonly Route[], url: string): object {
  const components: Record<string, Schema> = {}
  withScenario(components)
  const convert = (schema: ZodType, io: 'input' | 'output') => schemaOf(schema, io, components)
  convert(errorSchema(schemaKit()), 'output')
  const paths: Record<string, Record<string, object>> = {}
  for (const { path, route, isOfLane } of routes.flatMap(mounted)) {
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(path, route, isOfLane, convert) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Control API of ftp-fixture',
      version,
      description: 'An FTP server to test clients against: its files, how it misbehaves, and what clients did.',
    },
    servers: [{ url }],
    security: [{ bearer: [] }, { basic: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The token.' },
        basic: { type: 'http', scheme: 'basic', description: 'Any user name, and the token as password.' },
      },
    },
  }
}

type Convert = (schema: ZodType, io: 'input' | 'output') => Schema

function operationOf(path: string, route: Route, isOfLane: boolean, convert: Convert): object {
  const { operation, summary, description, query, body, answer } = route
  const parameters = [...pathParameters(path), ...queryParameters(query && convert(query(schemaKit()), 'input'))]
  const statuses = new Set([401, 403, 500, ...(route.refusals ?? []), ...(isOfLane ? [404] : [])])
  // Of a query, also one that a route does not have.
  statuses.add(400)
  if (body !== undefined) for (const status of [413, 415]) statuses.add(status)
  return {
    operationId: isOfLane ? `${operation}OfLane` : operation,
    summary,
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: requestBodyOf(body, convert) }),
    responses: {
      ...answered(answer, convert),
      ...Object.fromEntries([...statuses].sort().map((status) => [status, refused(status, route.method)])),
    },
  }
}

function pathParameters(path: string): object[] {
  return partsIn(path).map((name) => {
    const schema = name === LANE ? { type: 'string' } : { type: 'integer', minimum: 1 }
    return { name, in: 'path', required: true, schema }
  })
}

function queryParameters({ properties = {}, required = [] }: Schema = {}): object[] {
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }))
}

function requestBodyOf(body: NonNullable<Route['body']>, convert: Convert): object {
  if (body.is === 'bytes') return { content: { 'application/octet-stream': {} } }
  const content = { schema: convert(body.schema(schemaKit()), 'input') }
  const yaml = body.yaml === true && { 'application/yaml': content }
  return { required: body.optional !== true, content: { 'application/json': content, ...yaml } }
}

function answered({ description, statuses = [200], json, media }: Answer, convert: Convert): object {
  if (json === undefined && media === undefined) return { 204: { description } }
  const content: Record<string, object> = {}
  if (json !== undefined) content['application/json'] = { schema: convert(json(schemaKit()), 'output') }
  for (const [type, is] of Object.entries(media ?? {})) {
    content[type] = is === 'text' ? { schema: { type: 'string' } } : {}
  }
  return Object.fromEntries(statuses.map((status) => [status, { description, content }]))
}

function refused(status: number, method: Route['method']): object {
  const description = refusals[status]
  if (method === 'HEAD') return { description }
  return { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } }
}
