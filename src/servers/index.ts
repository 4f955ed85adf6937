export type { EventListener } from './event-hub.ts'
export { FTPServer, type ListenAddress } from './ftp-server.ts'
export type { DTPHandlerClass, FTPServerOptions, LimitOptions, OptionChanges, ServerOptions } from './options.ts'
