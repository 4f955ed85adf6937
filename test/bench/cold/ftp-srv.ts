import { pathToFileURL } from 'node:url'
import { report } from './report.ts'

const { MODULES = '', ROOT = '' } = process.env

type Accept = (access: { readonly root: string }) => void

/** As much of ftp-srv as is used here. */
interface FtpSrv {
  readonly server: { address(): { readonly port: number } }
  on(event: 'login', listener: (login: unknown, accept: Accept) => void): void
  listen(): Promise<unknown>
  close(): Promise<unknown>
}

interface FtpSrvModule {
  readonly default: { readonly FtpSrv: new (options: object) => FtpSrv }
}

interface Bunyan {
  readonly default: { readonly FATAL: number; createLogger(options: object): unknown }
}

const of = (file: string) => import(pathToFileURL(`${MODULES}/${file}`).href)

await report<FtpSrv>(async () => {
  const { FtpSrv } = ((await of('ftp-srv/ftp-srv.js')) as FtpSrvModule).default
  const bunyan = ((await of('bunyan/lib/bunyan.js')) as Bunyan).default
  const log = bunyan.createLogger({ name: 'bench', level: bunyan.FATAL + 1 })
  const start = async () => {
    const server = new FtpSrv({ url: 'ftp://127.0.0.1:0', pasv_url: '127.0.0.1', log, timeout: 0 })
    server.on('login', (_login, accept) => accept({ root: ROOT }))
    await server.listen()
    return server
  }
  return {
    start,
    startWithFile: start,
    stop: (server) => server.close(),
    portOf: (server) => server.server.address().port,
  }
})
