import { normalizePath } from '../protocol/path.ts'
import { AbstractedFS } from './abstracted-fs.ts'
import type { FilesystemUser } from './filesystem-user.ts'

/**
 * The whole file system of a Unix host: a session begins in the user's home, and nothing but permissions keeps him
 * there. Goes with `UnixAuthorizer`.
 */
export class UnixFilesystem extends AbstractedFS {
  constructor(home: string, user?: FilesystemUser) {
    super('/', user)
    this.cwd = normalizePath(home, '/')
  }

  /** Always: there is no outside. */
  override validpath(_hostPath: string): boolean {
    return true
  }
}
