import { openApi } from '../openapi.ts'
import { type Route, route } from '../route.ts'

/** What the API says of itself: of all its routes, this one among them. */
export function documentRoute(routes: () => readonly Route[]): Route {
  return route({
    method: 'GET',
    path: '/openapi.json',
    operation: 'getDocument',
    summary: 'This API, as an OpenAPI document.',
    serverOnly: true,
    answer: { description: 'The document.', json: (z) => z.looseObject({ openapi: z.string() }) },
    run: ({ service: { api } }) => openApi(routes(), api),
  })
}
