export {
  AuthenticationFailed,
  type Authorizer,
  AuthorizerError,
  type Awaitable,
  DummyAuthorizer,
  type PermissionLetter,
  type UserOptions,
} from './authorizers/index.ts'
export { type ArgumentRule, type CommandSpec, type CommandTable, commands } from './commands/index.ts'
export {
  AbstractedFS,
  type FileStat,
  FilesystemError,
  type FilesystemUser,
  HostFile,
  NoFreeNameError,
  type OpenFile,
  type OpenMode,
} from './filesystems/index.ts'
export {
  type CommandDetail,
  type ContextChoice,
  DTPHandler,
  type EventDetail,
  type EventOf,
  FTPHandler,
  type FtpEvent,
  type HandlerOptions,
  type PortChoice,
  type Route,
  type Session,
  type Stage,
  ThrottledDTPHandler,
  TLS_DTPHandler,
  TLS_FTPHandler,
  type TlsOptions,
  type TlsVersions,
  type TransferDetail,
  type TransferOutcome,
} from './handlers/index.ts'
export {
  Acceptor,
  type AcceptorOptions,
  type Alarm,
  AsyncChat,
  type ChatListener,
  type Clock,
  Connector,
  type ConnectorTarget,
  IOLoop,
  ManualClock,
  RealClock,
  type ScheduledCall,
} from './ioloop/index.ts'
export { FtpFixtureError, type FtpFixtureErrorCode } from './options/error.ts'
export type { Duration, Rate, Size } from './options/units.ts'
export { type FinalReply, type PreliminaryReply, type Reply, reply } from './protocol/reply.ts'
export {
  type EventListener,
  FTPServer,
  type FTPServerOptions,
  type LimitOptions,
  type ListenAddress,
  type OptionChanges,
  type ServerOptions,
} from './servers/index.ts'
