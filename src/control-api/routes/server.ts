import type { FtpHandle, StopReport } from '../../fixture/handle.ts'
import { version } from '../../servers/version.ts'
import { type Call, route } from '../route.ts'
import { serverSchema, stopReportSchema } from '../schemas.ts'
import type { Service } from '../service.ts'
import { threadName } from '../thread.ts'

/** What is told of a server, or of a lane of it. */
export function serverInfo(handle: FtpHandle, { ftp }: Service, lane?: string): object {
  const { host, port, username, password, url, ca, root, scenario, clock } = handle
  return {
    name: 'ftp-fixture',
    version,
    host,
    port,
    username,
    password,
    url,
    ca,
    root,
    scenario,
    clock: ftp.server.ioloop.isManual ? 'manual' : 'real',
    now: clock.now(),
    pid: process.pid,
    thread: threadName(),
    lane,
  }
}

/** The server itself. */
export const serverRoutes = [
  route({
    method: 'GET',
    path: '/server',
    operation: 'getServer',
    summary: 'How to reach the server, and who may log in.',
    answer: { description: 'The server.', json: serverSchema },
    run: ({ handle, service, lane }) => serverInfo(handle, service, lane),
  }),
  route({
    method: 'DELETE',
    path: '/server',
    operation: 'stopServer',
    summary: 'Stops the server, and this API with it; ends a lane.',
    description: 'The answer comes when all has ended.',
    answer: { description: 'What had to be cut short.', json: stopReportSchema },
    run: stop,
  }),
]

function stop({ handle, lane, outlive }: Call): Promise<StopReport> {
  if (lane === undefined) outlive()
  return handle.stop()
}
