/** What a server must be able to do to take part in a run. */
export type Ability = 'serve' | 'mlsd' | 'tls' | 'throttle' | 'cold'

/** How a server is started: in the clear, with FTPS, or with a limit of rate. */
export type Variant = 'plain' | 'tls' | 'throttled'

/** One thing that is done to a server; several rows may take their figures from it. */
export interface Run {
  readonly id: string
  readonly way: 'load' | 'idle' | 'cold'
  readonly variant: Variant
  /** What the load client is told. */
  readonly client: readonly string[]
  /** The threads of the client that have work at a time: what it can take of the machine. */
  readonly threads: number
  readonly needs: Ability
}

export type Unit = '/s' | 'MB/s' | 'ms' | 'kB' | '%'

/** A line of the table. */
export interface Row {
  readonly name: string
  /** What it measures, in one line. */
  readonly about: string
  readonly unit: Unit
  /** The name of its figure among those of a sample. */
  readonly figure: string
  readonly run: Run
  /** Whether it moves much data at a time: the seams' cost would show here. */
  readonly isBulk: boolean
  /** Whether several cores help. */
  readonly isParallel: boolean
}

/** Bytes per second that a throttled server is told to keep to. */
export const RATE = 10 * 1024 * 1024

/** The size and length of the runs. */
export interface Scale {
  readonly secs: number
  readonly mb: number
  readonly sessions: number
  readonly files: number
}

/** Whether a row is about the server's own steps more than about bytes: those it takes slowly at first. */
export function isWorthWarming({ unit, run }: Row): boolean {
  return run.way === 'load' && (unit === '/s' || run.id.endsWith('10k'))
}

/** Whether a larger figure is the better one. */
export function isMoreBetter(unit: Unit): boolean {
  return unit === '/s' || unit === 'MB/s'
}
