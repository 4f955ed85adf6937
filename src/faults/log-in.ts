import { FtpFixtureError } from '../options/error.ts'
import { fault } from './fault.ts'
import { PHASES, seamsAt } from './phases.ts'

/** A login without a password. */
export const logIn = fault({
  name: 'logIn',
  does: 'Logs the session in as this user, whoever asks; what is said about it is up to `reply`.',
  phases: ['after-read', ...PHASES],
  schema: (z) => z.string().min(1),
  seams: (username, exchange, moment) =>
    seamsAt(moment, exchange, async () => {
      const { session } = exchange
      if (!(await session.authorizer.hasUser(username))) {
        throw new FtpFixtureError('ERR_SCENARIO_INVALID', `logIn: there is no user "${username}"`)
      }
      await session.logIn(username, '')
      if (session.isGone) return
      exchange.note(`${username} logged in at ${moment.phase}`)
      session.handler.emit({ type: 'login', username })
      await session.handler.onLogin(username)
    }),
})
