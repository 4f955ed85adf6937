/** How a transfer came to its end. */
export type TransferOutcome = 'completed' | 'aborted' | 'failed'

/** What there is to tell of a session, beside when it was and which session it is. */
export type EventDetail =
  | {
      readonly type: 'connect'
      readonly remoteAddress: string
      readonly remotePort: number
      readonly localPort: number
    }
  | { readonly type: 'disconnect'; readonly durationMs: number; readonly error?: string }
  | CommandDetail
  | {
      readonly type: 'reply'
      /** 0 for what a fault sent that has none. */
      readonly code: number
      readonly lines: readonly string[]
      /** The verb it answers; '' for the greeting and for what the server says unasked. */
      readonly verb: string
      /** From the command's arrival to this reply. */
      readonly durationMs: number
      /** What went over the wire, a character a byte, where a fault chose the form. */
      readonly wire?: string
    }
  | FaultDetail
  | { readonly type: 'login'; readonly username: string }
  | { readonly type: 'login-failed'; readonly username: string }
  | { readonly type: 'logout'; readonly username: string }
  | { readonly type: 'data-listen'; readonly address: string; readonly port: number }
  | {
      readonly type: 'data-open'
      readonly mode: 'passive' | 'active'
      readonly remoteAddress: string
      readonly remotePort: number
    }
  | {
      readonly type: 'data-refused'
      readonly remoteAddress: string
      readonly remotePort: number
      readonly reason: string
    }
  | TlsDetail
  | { readonly type: 'tls-failed'; readonly connection: 'control' | 'data'; readonly reason: string }
  | TransferDetail
  | { readonly type: 'limit'; readonly limit: 'maxCons' | 'maxConsPerIp'; readonly remoteAddress: string }
  | { readonly type: 'warning'; readonly message: string }
  /** Of use only to who looks for a cause; the dialogue and the live view leave it out. */
  | { readonly type: 'debug'; readonly message: string }
  /** Something that should not have happened: a callback that threw, a bug. */
  | { readonly type: 'error'; readonly error: unknown }

export interface CommandDetail {
  readonly type: 'command'
  readonly verb: string
  /** Masked for PASS and ACCT. */
  readonly argument: string
  /** Verb and argument together: the verb in capitals, without Telnet signals, a secret argument masked. */
  readonly line: string
}

/** Something that a scenario did. */
interface FaultDetail {
  readonly type: 'fault'
  readonly scenario: string
  /** Which rule of it: its name, or `rules[0]`. */
  readonly rule: string
  /** The name of the fault: 'cut', 'delay' … */
  readonly fault: string
  /** What it did, in words. */
  readonly effect: string
  /** The command it was done to; '' for the greeting. */
  readonly verb: string
}

/** A connection that is encrypted from here on. */
export interface TlsDetail {
  readonly type: 'tls'
  readonly connection: 'control' | 'data'
  /** 'TLSv1.3', say. */
  readonly protocol: string
  readonly cipher: string
  /** Whether the client resumed a session that it had before. */
  readonly resumed: boolean
}

export interface TransferDetail {
  readonly type: 'transfer'
  /** The command: RETR, STOR, LIST … */
  readonly verb: string
  readonly direction: 'sent' | 'received'
  readonly path: string
  /** Bytes that crossed the data connection, from `restartMarker` on. */
  readonly bytes: number
  readonly restartMarker: number
  readonly representation: 'A' | 'I'
  readonly outcome: TransferOutcome
  /** Why it did not complete. */
  readonly reason?: string
  readonly durationMs: number
}

/** The fields of each type of event, beside those that all have. */
const FIELDS = {
  connect: { remoteAddress: 0, remotePort: 0, localPort: 0 },
  disconnect: { durationMs: 0, error: 0 },
  command: { verb: 0, argument: 0, line: 0 },
  reply: { code: 0, lines: 0, verb: 0, durationMs: 0, wire: 0 },
  fault: { scenario: 0, rule: 0, fault: 0, effect: 0, verb: 0 },
  login: { username: 0 },
  'login-failed': { username: 0 },
  logout: { username: 0 },
  'data-listen': { address: 0, port: 0 },
  'data-open': { mode: 0, remoteAddress: 0, remotePort: 0 },
  'data-refused': { remoteAddress: 0, remotePort: 0, reason: 0 },
  tls: { connection: 0, protocol: 0, cipher: 0, resumed: 0 },
  'tls-failed': { connection: 0, reason: 0 },
  transfer: {
    verb: 0,
    direction: 0,
    path: 0,
    bytes: 0,
    restartMarker: 0,
    representation: 0,
    outcome: 0,
    reason: 0,
    durationMs: 0,
  },
  limit: { limit: 0, remoteAddress: 0 },
  warning: { message: 0 },
  debug: { message: 0 },
  error: { error: 0 },
} satisfies { readonly [T in EventDetail['type']]: Record<FieldOf<T>, 0> }

type FieldOf<T extends EventDetail['type']> = Exclude<keyof Extract<EventDetail, { readonly type: T }>, 'type'>

/** Every type an event can have. */
export const EVENT_TYPES: readonly EventDetail['type'][] = Object.keys(FIELDS) as EventDetail['type'][]

/** The names of all fields that an event of a type may have. */
export function fieldsOfEvent(type: EventDetail['type']): readonly string[] {
  return ['type', 'at', 'session', ...Object.keys(FIELDS[type])]
}

/** One thing that happened, on the time line of the server. */
export type FtpEvent = EventDetail & {
  /** Milliseconds since the epoch, by the server's clock. */
  readonly at: number
  /** The session's number, from 1 in the order of connecting; 0 for the server itself. */
  readonly session: number
}

/** An event of one type. */
export type EventOf<T extends FtpEvent['type']> = Extract<FtpEvent, { readonly type: T }>

/** What stands for a secret. */
export const MASK = '***'

/**
 * A command as an event. A secret argument is masked in all that is enumerable, so that no print, log or JSON shows it;
 * `revealArgument` finds it.
 */
export function commandDetail(verb: string, argument: string, secret = false): CommandDetail {
  const shown = secret && argument !== '' ? MASK : argument
  const detail: CommandDetail = {
    type: 'command',
    verb,
    argument: shown,
    line: shown === '' ? verb : `${verb} ${shown}`,
  }
  return secret ? Object.defineProperty(detail, SECRET, { value: argument }) : detail
}

/** The argument of a command as it came, masked or not. */
export function revealArgument(detail: CommandDetail): string {
  return (detail as { readonly [SECRET]?: string })[SECRET] ?? detail.argument
}

const SECRET = Symbol('secret argument')
