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
  /** How credentials are changed; may be exchanged while nobody's identity is lent. */
  credentials: Credentials
  readonly #own: UnixIdentity = currentIdentity()
  /** The innermost comes last: an operation may be part of another one. */
  readonly #lent: UnixIdentity[] = []

  constructor(credentials: Credentials = processCredentials()) {
    this.credentials = credentials
  }

  /** Throws when the user's identity cannot be had in full; then all is as before. */
  begin(identity: UnixIdentity): void {
    this.#restore()
    try {
      become(this.credentials, identity, this.#own)
    } catch (error) {
      this.#restore()
      throw new AuthorizerError(`cannot become the user with id ${identity.uid}`, { cause: error })
    }
    this.#lent.push(identity)
  }

  /** Gives back the identity from before `begin`. Throws while it cannot be had; no user's turn begins before it can. */
  end(): void {
    this.#lent.pop()
    this.#restore()
  }

  #restore(): void {
    const outer = this.#lent.at(-1)
    try {
      become(this.credentials, outer ?? this.#own, this.#own)
    } catch (error) {
      const whom = outer === undefined ? 'its own identity' : `the user with id ${outer.uid}`
      throw new AuthorizerError(`the server cannot return to ${whom}`, { cause: error })
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
function become(credentials: Credentials, { uid, gid, groups }: UnixIdentity, own: UnixIdentity): void {
  const current = currentIdentity()
  const sameGroups = sameMembers(current.groups, groups)
  if (current.uid === uid && current.gid === gid && sameGroups) return
  // The user first and last: no other than the server's own may change groups, or become somebody else.
  if (current.uid !== own.uid) credentials.seteuid(own.uid)
  try {
    if (!sameGroups) credentials.setgroups(groups)
    if (current.gid !== gid) credentials.setegid(gid)
  } finally {
    // Without his groups too: whoever goes on after the error must not do so as root.
    if (uid !== own.uid) credentials.seteuid(uid)
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
