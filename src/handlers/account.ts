import type { Authorizer, Awaitable, PermissionLetter } from '../authorizers/authorizer.ts'
import type { AbstractedFS } from '../filesystems/abstracted-fs.ts'
import type { FilesystemUser } from '../filesystems/filesystem-user.ts'

/**
 * A user who has logged in: his files, and what he may do with them. A listing keeps the account it was asked for by,
 * since it goes on when that user logs out and another one logs in (RFC 959 §4.1.1, USER and REIN).
 */
export class Account implements FilesystemUser {
  readonly username: string
  readonly fs: AbstractedFS
  readonly #password: string
  readonly #authorizer: Authorizer

  constructor(
    authorizer: Authorizer,
    { username, password }: { readonly username: string; readonly password: string },
    openFs: (user: FilesystemUser) => AbstractedFS,
  ) {
    this.username = username
    this.#password = password
    this.#authorizer = authorizer
    this.fs = openFs(this)
  }

  /** Whether the user has a permission at a path: at its name, and at what a symbolic link makes of it. */
  hasPerm(perm: PermissionLetter, path: string): Awaitable<boolean> {
    const named = this.fs.ftp2fs(path)
    const real = this.fs.realpath(path)
    const granted = (hostPath: string) =>
      both(
        this.#authorizer.hasPerm(this.username, perm, hostPath),
        () => hostPath === named || this.#authorizer.hasPerm(this.username, perm, named),
      )
    return real instanceof Promise ? real.then(granted) : granted(real)
  }

  runAsCurrentUser<T>(operation: () => T): T {
    this.#authorizer.impersonateUser(this.username, this.#password)
    try {
      return operation()
    } finally {
      this.#authorizer.terminateImpersonation(this.username)
    }
  }
}

function both(first: Awaitable<boolean>, second: () => Awaitable<boolean>): Awaitable<boolean> {
  if (first instanceof Promise) return first.then((granted) => granted && second())
  return first && second()
}
