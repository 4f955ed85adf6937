import { DummyAuthorizer } from '../authorizers/dummy-authorizer.ts'
import { addUsers, type ResolvedUsers } from '../fixture/users.ts'
import { FTPHandler } from '../handlers/ftp-handler.ts'
import { TLS_FTPHandler } from '../handlers/tls-ftp-handler.ts'
import type { ServerParts } from '../servers/server-parts.ts'

/** What the first process tells those that serve for it. */
export interface World extends ResolvedUsers {
  readonly root: string
  /** The certificate to show; without one there is no TLS. */
  readonly certfile: string | undefined
}

/** What a thread or a process that serves clients needs beside the options. */
export default function makeParts(world: World): Required<Pick<ServerParts, 'authorizer' | 'handler'>> {
  const authorizer = new DummyAuthorizer()
  addUsers(authorizer, world.root, world)
  return { authorizer, handler: world.certfile === undefined ? FTPHandler : TLS_FTPHandler }
}
