import type { MarkText } from '../../faults/marks.ts'
import type { RunFunction } from '../../faults/run.ts'
import type { Duration, Rate, Size } from '../../options/units.ts'
import type { ContentText, RepliesText } from './said.ts'

// `npm run schema` writes this file.

/** The settings of each fault, as a rule gives them; several are done in the order written. */
export interface Then {
  /** Refuses the data connection, takes it and stays silent, takes it and ends it, or takes it late. */
  readonly accept?:
    | 'refused'
    | 'never'
    | 'rst'
    | 'fin'
    | {
        /** How late it is taken. */
        readonly after: Duration
      }
  /** Replies to PASV or EPSV with another address or port than the one listened on, or in another form. */
  readonly announce?: {
    /** The address told. Default: the right one. */
    readonly address?: string | undefined
    /** The port told: a number, 'closed' for one that nobody listens on, or a difference in quotes, such as '+1'. Default: the right one. */
    readonly port?: number | 'closed' | string | undefined
    /** How it is written. Default: as usual. */
    readonly form?:
      | 'no-parentheses'
      | 'equals'
      | 'spaces'
      | 'no-trailing-dot'
      | 'on-first-line'
      | 'on-last-line'
      | 'cut-short'
      | 'other-delimiter'
      | 'missing-delimiter'
      | 'other-verb'
      | undefined
  }
  /** Sends or stores extra bytes behind the data; they go as they are, also in TYPE A. */
  readonly append?: ContentText
  /** Reads and writes nothing any more, on the control connection and on the data connection of the command, and closes neither. */
  readonly blackHole?: 'forever' | Duration
  /** Sends this in place of the listing or file; it goes as it is, line ends too. */
  readonly body?: ContentText
  /** Refuses more than so many `sessions` of the server, a user or an address: by 421 at the greeting, or by 530 at PASS where that is the command or users are counted. */
  readonly cap?: {
    /** How many there may be at a time; with 0 nobody is let in. */
    readonly sessions: number
    /** Whose sessions are counted together. Default: all of the server. */
    readonly per?: 'server' | 'user' | 'ip' | undefined
    /** How long a session keeps its place when it is over. Default: 0. */
    readonly freeAfter?: Duration | undefined
    /** The refusal. Default: '421 Too many connections …', or 530. */
    readonly with?: RepliesText | undefined
  }
  /** Shows a certificate that is expired, self-signed, not valid yet, for another name or of another authority. */
  readonly certificate?: {
    /** What is wrong with it. */
    readonly is: 'expired' | 'not-yet-valid' | 'self-signed' | 'wrong-name' | 'other-authority'
    /** The connections that show it. Default: both. */
    readonly on?: 'control' | 'data' | 'both' | undefined
  }
  /** Ends an encrypted transfer by FIN alone ('none'), by close_notify and RST ('rst'), or not before the client does ('wait'). */
  readonly closeNotify?: 'none' | 'rst' | 'wait'
  /** Answers PORT or EPRT with 200 and connects late or never; or connects from another address. */
  readonly connect?:
    | 'never'
    | {
        /** How long behind the reply to connect. */
        readonly after: Duration
        /** The address to connect from, one of this machine. */
        readonly from?: string | undefined
      }
    | {
        /** The address to connect from, one of this machine. */
        readonly from: string
      }
  /** Changes bytes on their way, one unless told otherwise, at a mark or at a place left to chance; none is lost or added. */
  readonly corrupt?: {
    /** Behind how much of the data. Default: left to chance. */
    readonly at?: MarkText | undefined
    /** How many bytes in a row. Default: 1. */
    readonly bytes?: Size | undefined
  }
  /** Ends the data connection after so many bytes, by FIN or RST; the reply is 426 then. */
  readonly cut?: {
    /** Behind how much of the data. */
    readonly after: MarkText
    /** How the connection ends. Default: fin. */
    readonly with?: 'fin' | 'rst' | undefined
  }
  /** Waits before it goes on, `forever` perhaps, or until the transfer that is running ends (`until: 'transfer-end'`). */
  readonly delay?:
    | 'forever'
    | Duration
    | {
        /** How long to wait. */
        readonly for: Duration
        /** By how much that may be more or less, left to chance. Default: 0. */
        readonly jitter?: Duration | undefined
      }
    | {
        /** Waits for the end of the transfer that is running. */
        readonly until: 'transfer-end'
      }
  /** Ends the control connection by FIN or RST, and the data connection with it unless `data: 'leave'`; `half` ends this side only, and obeys on in silence. */
  readonly disconnect?:
    | 'fin'
    | 'rst'
    | 'half'
    | {
        /** How the control connection ends. */
        readonly with: 'fin' | 'rst' | 'half'
        /** What becomes of the data connection. Default: close. */
        readonly data?: 'close' | 'leave' | undefined
      }
  /** Sends replies a byte at a time, or so many `bytes`, each after a pause. */
  readonly drip?:
    | Duration
    | {
        /** The pause before each piece. */
        readonly every: Duration
        /** How large a piece is. Default: 1. */
        readonly bytes?: Size | undefined
      }
  /** Fails a command as an error of the system would, ENOSPC or EACCES say; with `at`, a transfer amid its data. */
  readonly error?:
    | string
    | {
        /** The error's name: 'ENOSPC', 'EACCES', 'EIO' … */
        readonly code: string
        /** Behind how much of the data. Default: before anything is done. */
        readonly at?: MarkText | undefined
      }
  /** Says 421 so long after a moment and closes the control connection, whatever goes on; a transfer still finishes. */
  readonly expire?: {
    /** How long after the moment. */
    readonly after: Duration
    /** What is said then. Default: '421 Session timed out; closing control connection.' */
    readonly with?: RepliesText | undefined
  }
  /** Does the command, but with this in place of its final reply, or with that one early, late or repeated; 'none' for none. */
  readonly final?:
    | RepliesText
    | {
        /** What is said. Default: what would be; a 226 where it is early. */
        readonly with?: RepliesText | undefined
        /** Before the 1yz reply, in one segment with it, or with the last byte and before the connection ends. */
        readonly early?: 'before-preliminary' | 'with-preliminary' | 'data-end' | undefined
        /** How long it is held back; other commands are answered meanwhile. */
        readonly late?: Duration | undefined
        /** How often it is said. */
        readonly repeat?: number | undefined
      }
  /** Leaves the ClientHello unanswered for a while, or ends the connection behind it by FIN or RST. */
  readonly handshake?:
    | {
        /** How long the ClientHello is left unanswered. */
        readonly stall: 'forever' | Duration
        /** The connection whose handshake it is. Default: either. */
        readonly on?: 'control' | 'data' | undefined
      }
    | {
        /** How the connection ends behind the ClientHello. */
        readonly cut: 'fin' | 'rst'
        /** The connection whose handshake it is. Default: either. */
        readonly on?: 'control' | 'data' | undefined
      }
  /** Leaves the data connection open behind the last byte, for a time or until the next one is set up; the reply comes at once. */
  readonly keepOpen?: 'forever' | Duration
  /** Delays each chunk of the data by so much, give or take `jitter`; their order is kept. */
  readonly latency?:
    | Duration
    | {
        /** How late each chunk is. */
        readonly of: Duration
        /** By how much that may be more or less, left to chance. Default: 0. */
        readonly jitter?: Duration | undefined
      }
  /** Logs the session in as this user, whoever asks; what is said about it is up to `reply`. */
  readonly logIn?: string
  /** From the next command to the end of the session, only what needs one of these permissions, or none, works; the rest is answered with 550. */
  readonly permissions?: string
  /** Does the transfer, but with this in place of its 1yz reply: one reply, several, or 'none'. */
  readonly preliminary?: RepliesText
  /** Refuses an upload after so many bytes by a reply at once, then reads on, reads no more, or ends the data connection. */
  readonly refuse?: {
    /** Behind how much of the data. Default: 0. */
    readonly after?: MarkText | undefined
    /** The refusal. Default: '552 Storage allocation exceeded; upload refused.' */
    readonly with?: RepliesText | undefined
    /** What becomes of the data that still comes: 'drain' reads it and throws it away, 'ignore' leaves it unread, 'fin' and 'rst' end the connection. Default: drain. */
    readonly then?: 'drain' | 'ignore' | 'fin' | 'rst' | undefined
    /** Whether what had come by then stays on the server. Default: true. */
    readonly keep?: boolean | undefined
  }
  /** Answers with this in place of doing the command, or of greeting: one reply, several, or 'none'. */
  readonly reply?:
    | RepliesText
    | {
        /** What is said. */
        readonly with: RepliesText
        /** What becomes of a data connection that waits for this transfer. Default: close. */
        readonly data?: 'close' | 'leave' | undefined
      }
  /** Ends a data connection that does not resume the TLS session of the control connection, and the transfer over it. */
  readonly requireResumption?:
    | 'close'
    | {
        /** The refusal. Default: '522 The data connection must resume the TLS session of the control connection.' */
        readonly with?: string | undefined
      }
  /** Changes the text of the server's own replies on their way: what `match`, a regular expression, finds is replaced by `with`. */
  readonly rewrite?: {
    /** A regular expression for what is to be replaced. */
    readonly match: string
    /** What is put in its place; '$1' is its first group. */
    readonly with: string
    /** Flags of the expression: 'g' for every match. Default: none. */
    readonly flags?: string | undefined
  }
  /** Calls a function of yours: for scenarios that are written in code. */
  readonly run?: RunFunction
  /** Says something that nobody asked for, behind the final reply or at another moment, beside what it says anyway. */
  readonly say?: RepliesText
  /** SIZE, and no other command, answers with a wrong size: so many bytes more, fewer, or times the right one. */
  readonly size?: {
    /** How many bytes too many are told; below 0, too few. */
    readonly add?: number | undefined
    /** The right size times this is told. */
    readonly times?: number | undefined
  }
  /** Cuts the data into slices of so many bytes at most, each sent by itself, with a pause of `every` between them. */
  readonly slices?:
    | Size
    | {
        /** How large a slice is at most. */
        readonly bytes: Size
        /** The pause between two of them. Default: 0. */
        readonly every?: Duration | undefined
      }
  /** Cuts replies at these places, counted in bytes, and pauses at each: what is between goes out in a segment of its own. */
  readonly split?: {
    /** Behind which bytes of a reply to cut, counted from 1. */
    readonly at: readonly number[]
    /** How long to wait at each cut. */
    readonly pause: Duration
  }
  /** Sends or reads nothing after so many bytes, for a time or for ever; the rest follows. */
  readonly stall?: {
    /** Behind how much of the data. */
    readonly after: MarkText
    /** How long nothing goes on. Default: forever. */
    readonly for?: 'forever' | Duration | undefined
  }
  /** Lets only so many bytes per second pass; `burst` bytes go ahead of them at once. */
  readonly throttle?:
    | Rate
    | {
        /** How many bytes per second pass. */
        readonly rate: Rate
        /** How many go ahead of them at once. Default: 0. */
        readonly burst?: Size | undefined
      }
  /** Sends or stores only so many bytes and claims with 226 that all went well. */
  readonly truncate?: {
    /** Behind how much of the data. */
    readonly after: MarkText
  }
}
