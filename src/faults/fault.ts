import type { z as Zod, ZodType } from 'zod'
import type { RecognizedCommand } from '../handlers/dispatch.ts'
import type { OutgoingReply, Seams } from '../handlers/seams.ts'
import type { Session } from '../handlers/session.ts'
import type { Moment, Phase } from './phases.ts'
import type { ScriptedReply } from './scripted-reply.ts'

/** The schema library, given to those who make a schema: it is loaded when the first scenario is. */
export type Kit = typeof Zod

/** Sends a reply, as the seam `reply` is given to do it. */
export type Send = Parameters<NonNullable<Seams['reply']>>[1]

/** The exchange that a fault is done to: a greeting, or a command with all that comes of it. */
export interface Exchange {
  readonly session: Session
  /** The command; `undefined` for the greeting, and where nothing was said for a while. */
  readonly command: RecognizedCommand | undefined
  /** The path that the command names, absolute; '' for none. */
  readonly path: string
  /** A number from 0 to below 1: the same each time a scenario is played with the same seed. */
  random(): number
  /** Lets time pass; ends early when the session does, which with `Infinity` is when its client says no more. */
  sleep(delayMs: number): Promise<void>
  /** Resolves when the session is gone. */
  gone(): Promise<void>
  /** Puts on the time line what is being done, in words: 'cut after 32768 bytes by RST'. */
  note(effect: string): void
  /** Puts on the time line why a fault cannot be done as it is written. */
  warn(reason: string): void
  /**
   * Writes replies as they are given, in one segment. Behind a 421, and a 221 for QUIT, the connection is closed when what is
   * under way has ended: as behind those of the server's own.
   */
  say(...replies: readonly (ScriptedReply | OutgoingReply)[]): Promise<void>
  /** As `say`, but the last reply is sent in the place of one that is about to be; without replies, none is. */
  replace(natural: OutgoingReply, send: Send, ...replies: readonly (ScriptedReply | OutgoingReply)[]): Promise<void>
  /** Resolves when the preliminary reply has been sent, or what is in place of it: a final one must not overtake it. */
  announced(): Promise<void>
  /** Resolves when the final reply of an earlier command that takes its time, one that is held up say, has been sent. */
  answered(): Promise<void>
  /** As `say`, in place of the command's final reply, which is not sent then; does nothing a second time. */
  conclude(...replies: readonly ScriptedReply[]): Promise<void>
  /** Whether a fault has answered the command already. */
  readonly isConcluded: boolean
  /** Whether the scenario has been ended or replaced since: what is to begin later must not, then. */
  readonly isOver: boolean
  /** What the rule remembers from one exchange to the next; empty when a scenario is put on. */
  readonly memory: Map<string, unknown>
  /** Has seams in this and every later exchange of the session. */
  last(seams: Seams): void
}

/**
 * What an exchange must be for a fault to make sense: one that sets up a data connection (in a certain mode), uses one (be
 * it to send or to receive), encrypts (a certain connection), works on files, or asks for a size.
 */
export type Need =
  | ('set-up' | 'passive' | 'active')
  | ('transfer' | 'download' | 'upload')
  | ('handshake' | 'control-handshake' | 'data-handshake')
  | ('files' | 'size')

/** One way to misbehave: its settings as scenarios write them, and what it does with them. */
export interface Fault<S extends ZodType = ZodType> {
  readonly name: string
  /** One sentence for its users. */
  readonly does: string
  /** The exchanges it can be done to. Default: any. */
  readonly needs?: Need
  /** Whether it is fine when it finds nothing to do: any other one is in the wrong place then. */
  readonly mayPass?: true
  /** Which of these it is done to by its settings. Default: all. */
  narrowed?(settings: Zod.output<S>): Need
  /** Phases that it can be told to act in; the first one is its own. Default: it has its moment, and is told none. */
  readonly phases?: readonly Phase[]
  schema(z: Kit): S
  /** What it makes of an exchange. */
  seams(settings: Zod.output<S>, exchange: Exchange, moment: Moment): Seams
}

/** Declares a fault; its settings get their type from its schema. */
export function fault<S extends ZodType, const N extends string>(
  definition: Fault<S> & { readonly name: N },
): Fault<S> & { readonly name: N } {
  return definition
}
