import type { Ability, Row, Variant } from './row.ts'

/** The account that every server knows. */
export const USER = 'user'
export const PASSWORD = '12345'

/** The files of a certificate, as each server likes them. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  /** Key and certificate in one. */
  readonly both: string
}

/** What a server is started for. */
export interface Setting {
  readonly root: string
  readonly variant: Variant
  /** The port to take, where the server cannot take a free one and tell. */
  readonly port: number
  readonly certificate: Certificate | undefined
  /** A directory of its own for configurations and the like. */
  readonly scratch: string
}

/** A program to start. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Whether it prints its port; else it takes the one that it is given. */
  readonly tellsPort?: boolean
}

/**
 * What a server is in the comparison: `ours`, another form of it, one that the command line added, one to see the seams'
 * cost by, a peer, or what no server can beat.
 */
export type Kind = 'ours' | 'form' | 'added' | 'seams' | 'peer' | 'floor'

/** A server that takes part. */
export interface ServerSpec {
  readonly name: string
  readonly kind: Kind
  readonly version: string
  readonly abilities: ReadonlySet<Ability>
  /** The rows that it is there for, among those it is able to run; default: all. */
  readonly takes?: (row: Row) => boolean
  /** Whether it wants the TLS handshake of a data connection before the command, as ftp-srv does. */
  readonly isEarly?: boolean
  readonly serve?: (setting: Setting) => Program
  /** A program that imports, starts and stops it in one process, and prints how long that took. */
  readonly cold?: Program
}

/** Whether a server takes part in a row. */
export function takesPart(server: ServerSpec, row: Row): boolean {
  return server.abilities.has(row.run.needs) && (server.takes?.(row) ?? true)
}
