import { SessionProcess } from './session-process.ts'
import type { SessionWorker, WorkerOwner, WorkerStart } from './session-worker.ts'
import { SpawningServer } from './spawning-server.ts'

/**
 * An FTP server with a process for each connection, in which code of the user's may block. That code is in a module, as it
 * cannot be sent: `new MultiprocessFTPServer(address, new URL('./my-parts.js', import.meta.url), options)`, where the module's
 * default export is `{ authorizer, handler, … }` or a function that makes this of `options.data`.
 */
export class MultiprocessFTPServer extends SpawningServer {
  protected override spawn(start: WorkerStart, owner: WorkerOwner): SessionWorker {
    return new SessionProcess(start, owner)
  }
}
