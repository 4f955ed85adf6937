import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { schemaKit } from '../scenario/kit.ts'
import { pathText } from '../scenario/source.ts'
import { placed, type ReadBody, readBody } from './body.ts'
import { checked } from './checked.ts'
import { type Admission, admit } from './guards.ts'
import type { HttpServer, RequestListener } from './http-server.ts'
import { answerTo, Refusal } from './refusal.ts'
import { LANE, mounted, type Route } from './route.ts'
import { routes } from './routes/table.ts'
import type { Service } from './service.ts'

type RequestContext = Context<{ Bindings: HttpBindings }>

/** What requests are served with. */
export interface Surroundings {
  readonly service: Service
  readonly admission: Admission
  readonly server: () => HttpServer
}

/** Serves the routes of the table. */
export function listenerFor(surroundings: Surroundings): RequestListener {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.use(async (context, next) => {
    admit(context.env.incoming, surroundings.admission)
    await next()
  })
  for (const [path, ofPath] of byPath()) {
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) => {
      const { method } = context.req
      const route = ofPath.find((each) => each.method === method)
      if (route !== undefined) return serve(route, context, surroundings)
      const methods = ofPath.map((each) => each.method).join(', ')
      throw new Refusal(405, `${path}: expected ${methods}, found ${method}`, { Allow: methods })
    })
  }
  app.notFound(({ req: { method, path } }) =>
    answerTo(new Refusal(404, `there is no route ${method} ${path}; GET /openapi.json tells of all`)),
  )
  app.onError(answerTo)
  return getRequestListener(async (request, env) => harmless(await app.fetch(request, env)), {
    // The globals belong to the program that is being tested.
    overrideGlobalObjects: false,
    errorHandler: (error) => harmless(answerTo(new Refusal(400, (error as Error).message))),
  })
}

function byPath(): Map<string, Route[]> {
  const found = new Map<string, Route[]>()
  for (const { path, route } of routes.flatMap(mounted)) found.set(path, [...(found.get(path) ?? []), route])
  return found
}

/** Keeps browsers from keeping an answer, or taking it for something else. */
function harmless(response: Response): Response {
  response.headers.set('Cache-Control', 'no-store')
  response.headers.set('X-Content-Type-Options', 'nosniff')
  return response
}

async function serve(route: Route, context: RequestContext, { service, server }: Surroundings): Promise<Response> {
  const { req, env } = context
  const { [LANE]: lane, ...parameters } = req.param() as Record<string, string>
  const handle = service.handleOf(lane)
  const query = queryOf(route, context)
  const { signal, end } = service.open(handle)
  // When all is said, or nobody listens any more.
  env.outgoing.once('close', end)
  const body: ReadBody =
    route.body === undefined ? { value: undefined } : await readBody(req.raw, route.body, service.maxBody, schemaKit)
  const outlive = () => server().outlive(env.incoming.socket)
  const { headers } = req.raw
  const call = { handle, lane, service, parameters, query, body: body.value, headers, signal, outlive }
  try {
    return responseOf(route, await route.run(call))
  } catch (error) {
    throw placed(error, body)
  }
}

function responseOf({ answer }: Route, given: unknown): Response {
  if (given instanceof Response) return given
  return answer.json === undefined ? new Response(null, { status: 204 }) : Response.json(given)
}

function queryOf(route: Route, { req }: RequestContext): unknown {
  const given = Object.entries(req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  const z = schemaKit()
  const schema = route.query?.(z) ?? z.strictObject({})
  return checked(schema, Object.fromEntries(given), (path) => ({ file: 'query', path: pathText(path) }))
}
