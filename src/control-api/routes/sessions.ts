import { Refusal } from '../refusal.ts'
import { route } from '../route.ts'

/** The sessions that are open. */
export const sessionRoutes = [
  route({
    method: 'GET',
    path: '/sessions',
    operation: 'listSessions',
    summary: 'The sessions that are open.',
    answer: {
      description: 'The sessions.',
      json: (z) =>
        z.array(
          z.strictObject({
            session: z.int().min(1).meta({ description: 'Its number, as in events.' }),
            remoteAddress: z.string(),
            remotePort: z.int(),
            username: z.string().meta({ description: "The name given with USER; '' before that." }),
            isEncrypted: z.boolean(),
            transfer: z.string().meta({ description: "The command whose transfer is running; '' without one." }),
          }),
        ),
    },
    run: ({ handle }) => handle.sessions,
  }),
  route({
    method: 'DELETE',
    path: '/sessions/{session}',
    operation: 'kickSession',
    summary: 'Ends a session at once.',
    answer: { description: 'It has ended.' },
    refusals: [404],
    run: async ({ handle, parameters: { session = '' } }) => {
      if (/^\d{1,15}$/.test(session) && (await handle.kick(Number(session)))) return
      throw new Refusal(404, `no session ${session} is open`)
    },
  }),
]
