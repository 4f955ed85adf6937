import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { Awaitable } from '../authorizers/authorizer.ts'
import type { FinalReply, Reply } from '../protocol/reply.ts'
import type { RecognizedCommand } from './dispatch.ts'
import type { PassiveListener } from './passive-listener.ts'
import type { Session } from './session.ts'
import type { Stage } from './stages.ts'

/** Which of a session's connections: the one for commands, or one for data. */
export type ConnectionKind = 'control' | 'data'

/** A reply on its way to the wire. */
export interface OutgoingReply {
  readonly code: number
  readonly lines: readonly string[]
  /** Whether it announces another one. */
  readonly isPreliminary: boolean
  /** What goes over the wire in place of the usual form of code and lines. */
  readonly wire?: Buffer
}

/** When and from where a connection to the client is made (active mode). */
export interface ConnectPlan {
  /** Where given, the command is answered at once, and the connection made when this resolves. */
  readonly after?: Promise<void>
  /** Where given, the connection is left alone once it is made, which this is told, though one is still waited for. */
  readonly ignore?: () => void
  readonly localAddress?: string
}

/** A transfer, to who has a hand in it. */
export interface DataFlow {
  readonly direction: 'sent' | 'received'
  readonly path: string
  /** The bytes that are to come, where that can be known. */
  readonly size: number | undefined
  /** What the bytes go over, encrypted perhaps. */
  readonly socket: Socket
  /** The TCP connection below. */
  readonly plain: Socket
  /** Aborted when the transfer is, and when its connection is gone. */
  readonly signal: AbortSignal
  /** Resets the connection behind what was sent; the transfer ends with 426. */
  reset(): Promise<void>
  /** The transfer counts as aborted, whatever comes of it; the reply is 426 unless another one is given. */
  giveUp(final?: FinalReply): void
  /**
   * The connection stays when the transfer is done, until the next one is set up or the session ends; for `ending`. `false`
   * where it does not, since the transfer has failed.
   */
  keep(): boolean
  /**
   * Lets time pass, for ever perhaps (`Infinity`), or something be done, which is no standstill of the client's; ends when
   * the signal says so.
   */
  hold(until: number | Promise<void>): Promise<void>
}

/**
 * What can be made of one exchange: of a greeting, or of a command with its replies and the data connection that it sets
 * up or uses. Each member belongs to a moment of the protocol, and is asked then if it is there. What is asynchronous
 * holds back what follows.
 */
export interface Seams {
  /** The client has connected, or a command has arrived that does not count as read yet. */
  before?(): Awaitable<void>
  /** A command has been read; `obey` does it, unless somebody has done something in its place. Without a reply nothing is sent. */
  command?(obey: () => Awaitable<Reply | undefined>): Awaitable<Reply | undefined>
  /** A reply is about to be written, which `send` does. */
  reply?(outgoing: OutgoingReply, send: (outgoing: OutgoingReply) => Awaitable<void>): Awaitable<void>
  /** The bytes of a reply are about to go to the socket, by `push`. */
  write?(bytes: Buffer, push: (bytes: Buffer) => Awaitable<void>): Awaitable<void>
  /** A port is listened on, which the reply will announce, or another one that is given. */
  listening?(listener: PassiveListener): Awaitable<number | void>
  /** The client has given an address to connect to. */
  connecting?(): ConnectPlan
  /** A data connection is there, in clear still. What throws a `DataConnectionError` has ended it, and sees to its rest. */
  opened?(plain: Socket): Awaitable<void>
  /** A handshake is due, within its time limit. */
  securing?(plain: Socket, connection: ConnectionKind): Awaitable<void>
  /** The certificate to show in place of the usual one. */
  context?(connection: ConnectionKind, servername: string): SecureContext | undefined
  /** A connection is encrypted; what this throws ends it. */
  secured?(socket: TLSSocket, connection: ConnectionKind): Awaitable<void>
  /** What the bytes of a transfer go through next to the wire. */
  data?(flow: DataFlow): readonly Stage[]
  /** All bytes have been sent or received. `true` when the connection was ended here, or is not to be. */
  ending?(flow: DataFlow): Awaitable<boolean | void>
}

/** Whom a server asks for the seams of each exchange, where there is somebody. */
export interface SeamSource {
  /** A client has connected, within the limits. */
  connected(session: Session): Seams | undefined
  /** A command has arrived. */
  commanded(session: Session, command: RecognizedCommand): Seams | undefined
  /** A session that is there already is its concern from here on; these verbs have been said in it. */
  follow?(session: Session, said: Iterable<string>): void
  /** A session is no concern of its any more. */
  forget?(session: Session): void
}
