export { FTPServer, type ListenAddress } from './ftp-server.ts'
export type { FTPServerOptions, LimitOptions } from './options.ts'
