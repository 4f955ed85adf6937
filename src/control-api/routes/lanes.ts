import { route } from '../route.ts'
import { serverSchema } from '../schemas.ts'
import { serverInfo } from './server.ts'

/** Parts of the server for one user each. */
export const laneRoutes = [
  route({
    method: 'GET',
    path: '/lanes',
    operation: 'listLanes',
    summary: 'The lanes there are.',
    serverOnly: true,
    answer: { description: 'Their names.', json: (z) => z.array(z.string()) },
    run: ({ service }) => [...service.ftp.lanes.keys()],
  }),
  route({
    method: 'POST',
    path: '/lanes',
    operation: 'makeLane',
    summary: 'Makes a lane: a part of the server with a user, a home, rules, sessions and a transcript of its own.',
    description:
      'The same name gives the same lane. All but /lanes and /openapi.json is there again under /lanes/{lane}.',
    serverOnly: true,
    body: {
      is: 'value',
      optional: true,
      schema: (z) =>
        z.strictObject({ name: z.string().min(1).optional().meta({ description: 'Default: a new one.' }) }),
    },
    answer: { description: 'The lane; 200 for one that was there.', statuses: [200, 201], json: serverSchema },
    refusals: [409],
    run: async ({ service, body: { name } }) => {
      const { lane, isNew } = await service.lane(name)
      return Response.json(serverInfo(lane, service, lane.username), { status: isNew ? 201 : 200 })
    },
  }),
]
