import type { z as Zod, ZodType } from 'zod'
import type { RecognizedCommand } from '../handlers/dispatch.ts'
import type { Seams } from '../handlers/seams.ts'
import type { Session } from '../handlers/session.ts'
import type { Moment, Phase } from './phases.ts'
import type { ScriptedReply } from './scripted-reply.ts'

/** The schema library, given to those who make a schema: it is loaded when the first scenario is. */
export type Kit = typeof Zod

/** The exchange that a fault is done to: a greeting, or a command with all that comes of it. */
export interface Exchange {
  readonly session: Session
  /** The command; `undefined` for the greeting, and where nothing was said for a while. */
  readonly command: RecognizedCommand | undefined
  /** The path that the command names, absolute; '' for none. */
  readonly path: string
  /** A number from 0 to below 1: the same each time a scenario is played with the same seed. */
  random(): number
  /** Lets time pass; ends early when the session does. */
  sleep(delayMs: number): Promise<void>
  /** Resolves when the session is gone. */
  gone(): Promise<void>
  /** Puts on the time line what is being done, in words: 'cut after 32768 bytes by RST'. */
  note(effect: string): void
  /** Writes replies as they are given. */
  say(...replies: readonly ScriptedReply[]): Promise<void>
  /** As `say`, in place of the final reply, which is not sent then. */
  conclude(...replies: readonly ScriptedReply[]): Promise<void>
  /** What the rule remembers from one exchange to the next; empty when a scenario is put on. */
  readonly memory: Map<string, unknown>
  /** Has seams in this and every later exchange of the session. */
  last(seams: Seams): void
}

/** What an exchange must be for a fault to make sense: one that sets up a data connection, uses one, or encrypts. */
export type Need = 'set-up' | 'transfer' | 'handshake'

/** One way to misbehave: its settings as scenarios write them, and what it does with them. */
export interface Fault<S extends ZodType = ZodType> {
  readonly name: string
  /** One sentence for its users. */
  readonly does: string
  /** The exchanges it can be done to. Default: any. */
  readonly needs?: Need
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
