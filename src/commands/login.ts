import type { Awaitable } from '../authorizers/authorizer.ts'
import { AuthenticationFailed } from '../authorizers/errors.ts'
import type { Session } from '../handlers/session.ts'
import { andThen } from '../ioloop/awaitable.ts'
import { type FinalReply, type Reply, reply, textLines } from '../protocol/reply.ts'
import type { CommandSpec, CommandTable } from './table.ts'

const USER: CommandSpec = {
  argument: 'text',
  beforeLogin: true,
  protects: 'control',
  help: 'USER <SP> user-name',
  run: user,
}
const PASS: CommandSpec = {
  argument: 'text?',
  beforeLogin: true,
  protects: 'control',
  secret: true,
  help: 'PASS [<SP> password]',
  run: pass,
}

/** RFC 959 §4.1.1, access control. */
export const loginCommands: CommandTable = {
  USER,
  PASS,
  ACCT: { argument: 'text', beforeLogin: true, secret: true, help: 'ACCT <SP> account', run: acct },
  REIN: { argument: 'none', help: 'REIN', run: rein },
  QUIT: { argument: 'none', beforeLogin: true, urgent: true, help: 'QUIT', run: quit },
}

/** The same reply for known and unknown users (RFC 2577 §5). */
function user(session: Session, username: string): Reply {
  const left = session.logOut()
  session.login = { step: 'password', username }
  const text =
    left === undefined ? 'Username ok, send password.' : 'Previous account information was flushed, send password.'
  return { ...reply(331, text), ...farewell(session, left) }
}

function pass(session: Session, password: string): Awaitable<Reply> {
  const { login, authorizer, handler } = session
  if (login.step === 'done') return reply(503, 'User already authenticated.')
  if (login.step === 'user') return reply(503, 'Login with USER first.')
  const { username } = login
  const beganMs = session.ioloop.now()
  const refused = (error: unknown) => {
    if (!(error instanceof AuthenticationFailed)) throw error
    return refuse(session, { username, password, beganMs }, error.message)
  }
  const enter = () => admit(session, username, password)
  let valid: Awaitable<void>
  try {
    valid = authorizer.validateAuthentication(username, password, handler)
  } catch (error) {
    return refused(error)
  }
  return valid instanceof Promise ? valid.then(enter, refused) : enter()
}

function admit(session: Session, username: string, password: string): Awaitable<Reply> {
  const { authorizer, handler } = session
  return andThen(authorizer.getMsgLogin(username), (message) =>
    andThen(session.logIn(username, password), () => {
      if (!session.isGone) handler.emit({ type: 'login', username })
      return { ...reply(230, ...textLines(message)), afterwards: () => handler.onLogin(username) }
    }),
  )
}

/** A password that was not taken, and when it came. */
interface Attempt {
  readonly username: string
  readonly password: string
  readonly beganMs: number
}

/**
 * The delay slows down guessing (RFC 2577 §5); no other command of the session is read meanwhile. It counts from when the
 * password came: how long it took to look at must not tell whether there is such a user.
 */
async function refuse(
  session: Session,
  { username, password, beganMs }: Attempt,
  message: string,
): Promise<FinalReply> {
  const { options, ioloop, signal, handler } = session
  const restMs = beganMs + options.authFailedTimeout - ioloop.now()
  if (restMs > 0) await ioloop.sleep(restMs, signal)
  session.login = { step: 'user' }
  session.failedLogins++
  if (!session.isGone) handler.emit({ type: 'login-failed', username })
  const afterwards = () => handler.onLoginFailed(username, password)
  if (session.failedLogins < options.maxLoginAttempts) return { ...reply(530, ...textLines(message)), afterwards }
  return { ...reply(530, 'Maximum login attempts. Disconnecting.'), closes: true, afterwards }
}

function acct(): Reply {
  return reply(202, 'ACCT is superfluous at this site.')
}

/**
 * RFC 959 has 220 here; 230 is what pyftpdlib and its clients know. PROT is reset, but what is encrypted stays so: RFC 4217
 * §11 wants to go back to clear, in the midst of a connection, which no client expects and pyftpdlib does not do either.
 */
function rein(session: Session): Reply {
  const left = session.logOut()
  session.reset()
  return { ...reply(230, 'Ready for new user.'), ...farewell(session, left) }
}

function quit(session: Session): Awaitable<Reply> {
  const { login, authorizer } = session
  if (login.step !== 'done') return reply(221, 'Goodbye.')
  const { username } = login
  return andThen(authorizer.getMsgQuit(username), (message) => ({
    ...reply(221, ...textLines(message)),
    ...farewell(session, username),
  }))
}

/** What goes with the end of somebody's login: an event, and the callback behind the reply. */
export function farewell({ handler }: Session, username: string | undefined): Pick<FinalReply, 'afterwards'> {
  if (username === undefined) return {}
  handler.emit({ type: 'logout', username })
  return { afterwards: () => handler.onLogout(username) }
}
