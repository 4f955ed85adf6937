import type { Credentials } from '../native/thread-credentials.ts'
import { AuthorizerError } from './errors.ts'

const NOT_UNIX = 'there are no Unix users on this system'

/** Whose rights an access to a file has. */
export interface UnixIdentity {
  readonly uid: number
  readonly gid: number
  /** The groups beside the primary one, which may be among them. */
  readonly groups: readonly number[]
}

/** Lends the process, or the calling thread, the identity of a user for the time between `begin` and `end`. */
export class UnixImpersonation {
  /** How credentials are changed; may be exchanged between an `end` and the next `begin`. */
  credentials: Credentials
  readonly #own: UnixIdentity = currentIdentity()

  constructor(credentials: Credentials = processCredentials()) {
    this.credentials = credentials
  }

  /** Throws when the user's identity cannot be had in full; the server then has its own. */
  begin(identity: UnixIdentity): void {
    this.end()
    try {
      // The user last: he may not change the groups.
      become(this.credentials, identity, ['groups', 'gid', 'uid'])
    } catch (error) {
      this.end()
      throw new AuthorizerError(`cannot become the user with id ${identity.uid}`, { cause: error })
    }
  }

  /** Throws while the server cannot have its own identity back; no user's turn begins before it has. */
  end(): void {
    try {
      become(this.credentials, this.#own, ['uid', 'gid', 'groups'])
    } catch (error) {
      throw new AuthorizerError('the server cannot return to its own identity', { cause: error })
    }
  }
}

/** Node's own calls, which change all threads of the process. */
function processCredentials(): Credentials {
  const { setgroups, setegid, seteuid } = process
  if (!setgroups || !setegid || !seteuid) throw new AuthorizerError(NOT_UNIX)
  return { setgroups: (groups) => setgroups([...groups]), setegid, seteuid }
}

/** Asks the system who it is rather than remember: that costs little, and steps that change nothing are left out. */
function become(credentials: Credentials, identity: UnixIdentity, order: readonly (keyof UnixIdentity)[]): void {
  const { uid, gid, groups } = identity
  const current = currentIdentity()
  const sameGroups = sameMembers(current.groups, groups)
  if (current.uid === uid && current.gid === gid && sameGroups) return
  for (const step of order) {
    if (step === 'groups' && !sameGroups) credentials.setgroups(groups)
    if (step === 'gid' && current.gid !== gid) credentials.setegid(gid)
    if (step === 'uid' && current.uid !== uid) credentials.seteuid(uid)
  }
  // Where a call did nothing and said nothing, what follows would run as root.
  if (process.geteuid?.() !== uid || process.getegid?.() !== gid) throw new Error('the identity did not change')
}

function currentIdentity(): UnixIdentity {
  const { getgroups, getegid, geteuid } = process
  if (!getgroups || !getegid || !geteuid) throw new AuthorizerError(NOT_UNIX)
  return { uid: geteuid(), gid: getegid(), groups: getgroups() }
}

function sameMembers(some: readonly number[], others: readonly number[]): boolean {
  return some.every((gid) => others.includes(gid)) && others.every((gid) => some.includes(gid))
}
