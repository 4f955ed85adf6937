import type { z as Zod, ZodObject, ZodType } from 'zod'
import type { Kit } from '../faults/fault.ts'
import type { FtpHandle } from '../fixture/handle.ts'
import type { Service } from './service.ts'

/** One request, its parts checked. */
export interface Call<Query = unknown, Body = unknown> {
  /** What it is about: the server, or a lane of it. */
  readonly handle: FtpHandle
  /** The name of the lane; `undefined` for the server. */
  readonly lane: string | undefined
  readonly service: Service
  /** What the braces in the route's path stand for. */
  readonly parameters: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  readonly headers: Headers
  /** Aborted when nobody waits for the answer any more, or nobody may. */
  readonly signal: AbortSignal
  /** Lets the answer be given when the API has closed meanwhile. */
  outlive(): void
}

/** What a request carries: a value in JSON (or YAML), or bytes as they are. */
export type RequestBody<Body extends ZodType = ZodType> =
  | { readonly is: 'bytes' }
  | {
      readonly is: 'value'
      schema(z: Kit): Body
      /** Whether it may come as YAML too. */
      readonly yaml?: true
      /** Whether it may be left out, which is as good as `{}`. */
      readonly optional?: true
    }

/** What comes of a request that succeeds: 204 where nothing is said of its content. */
export interface Answer {
  readonly description: string
  /** Default: 200. */
  readonly statuses?: readonly (200 | 201)[]
  /** The value that it is in JSON. */
  json?(z: Kit): ZodType
  /** Other media types it may come in, and whether as text or as bytes. */
  readonly media?: Readonly<Record<string, 'text' | 'bytes'>>
}

/** Something the API can be asked for: how to ask, what is answered, and what is done. */
export interface Route {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** As in OpenAPI: '/sessions/{session}'. */
  readonly path: string
  /** Its name for those who generate clients. */
  readonly operation: string
  readonly summary: string
  readonly description?: string
  /** Whether lanes do not have it. */
  readonly serverOnly?: true
  query?(z: Kit): ZodObject
  readonly body?: RequestBody
  readonly answer: Answer
  /** With what statuses it may be refused, beside those that are the same for all routes. */
  readonly refusals?: readonly (404 | 408 | 409 | 422)[]
  /** Gives the value that is answered, nothing for 204, or a response of its own making. */
  run(call: Call): unknown
}

/** A route as it is written: its query and body get their types from their schemas. */
interface Definition<Query extends ZodObject, Body extends ZodType> extends Omit<Route, 'query' | 'body' | 'run'> {
  query?(z: Kit): Query
  readonly body?: RequestBody<Body>
  run(call: Call<Zod.output<Query>, Zod.output<Body>>): unknown
}

/** Declares a route. */
export function route<Query extends ZodObject, Body extends ZodType>(definition: Definition<Query, Body>): Route {
  return definition as Route
}

/** The parameter that says which lane is meant. */
export const LANE = 'lane'

/** A route at a path. */
export interface MountedRoute {
  readonly path: string
  readonly route: Route
  readonly isOfLane: boolean
}

/** The paths of a route: its own, and the same for a lane. */
export function mounted(route: Route): MountedRoute[] {
  const own = { path: route.path, route, isOfLane: false }
  if (route.serverOnly === true) return [own]
  return [own, { path: `/lanes/{${LANE}}${route.path}`, route, isOfLane: true }]
}
