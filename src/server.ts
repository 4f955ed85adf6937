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
  DTPHandler,
  type EventDetail,
  FTPHandler,
  type FtpEvent,
  type HandlerOptions,
  type PortChoice,
  type Route,
  type Session,
  type Stage,
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
export type { Duration, Size } from './options/units.ts'
export { type FinalReply, type PreliminaryReply, type Reply, reply } from './protocol/reply.ts'
export { FTPServer, type FTPServerOptions, type LimitOptions, type ListenAddress } from './servers/index.ts'
