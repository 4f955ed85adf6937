export { DTPHandler } from './dtp-handler.ts'
export type {
  CommandDetail,
  EventDetail,
  EventOf,
  FtpEvent,
  TlsDetail,
  TransferDetail,
  TransferOutcome,
} from './events.ts'
export { FTPHandler } from './ftp-handler.ts'
export type { LogFields, LogPrefix } from './log-prefix.ts'
export type { HandlerOptions, PortChoice } from './options.ts'
export type { Session } from './session.ts'
export type { Stage } from './stages.ts'
export { ThrottledDTPHandler } from './throttled-dtp-handler.ts'
export { TLS_DTPHandler } from './tls-dtp-handler.ts'
export { TLS_FTPHandler } from './tls-ftp-handler.ts'
export type { ContextChoice, ContextSettings, TlsOptions, TlsVersions } from './tls-options.ts'
export type { Route } from './transfer.ts'
