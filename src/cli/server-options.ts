import { READ_PERMS } from '../authorizers/authorizer.ts'
import { defaultUser, type FixtureUser, type StartFtpServerOptions } from '../fixture/options.ts'
import type { CommandLine } from './command-line.ts'
import { UsageError } from './errors.ts'

/** What says who may log in, and what he may do. */
const OF_THE_USER = ['username', 'password', 'directory']

/** The options of `startFtpServer` that a command line names; throws for a value that will not do. */
export function serverOptions({ flags, given }: CommandLine): StartFtpServerOptions {
  if (given.has('anonymous') && given.get('username') === 'anonymous') {
    throw new UsageError('--anonymous and --username anonymous exclude each other')
  }
  const options: StartFtpServerOptions = OF_THE_USER.some((name) => given.has(name)) ? { users: [userOf(given)] } : {}
  for (const [name, text] of given) Object.assign(options, flags[name]?.set?.(text, `--${name}`))
  return options
}

/** The user that a command line names, or the one that everybody knows. */
export function userOf(given: CommandLine['given']): FixtureUser {
  const { username, password } = defaultUser
  const readOnly = given.has('directory') && !given.has('write')
  return {
    username: given.get('username') ?? username,
    password: given.get('password') ?? password,
    ...(readOnly && { perm: READ_PERMS }),
  }
}
