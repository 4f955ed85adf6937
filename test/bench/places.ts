/** Where the benchmark finds its own parts. */
export interface Places {
  /** The directory of the sources, for what needs no compiling: programs in C and Python. */
  readonly sources: string
  /** The directory of the programs that were TypeScript. */
  readonly compiled: string
}
