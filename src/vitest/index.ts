import type { StartFtpServerOptions } from '../fixture/options.ts'

export { type FileServer, fileTest } from './file-server.ts'
export { type OwnServer, test } from './own-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** How servers are started, from `test.provide` of vitest's config; what can be sent to another process. */
    ftpOptions: StartFtpServerOptions
  }
}
