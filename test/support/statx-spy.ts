import type { StatNames } from '../../src/native/statx.ts'

type StatxModule = typeof import('../../src/native/statx.ts')

/** What a test sees of statx(2), and may put in its place. */
export class StatxSpy {
  /** Names that it was asked about. */
  asked = 0
  /** As if koffi were not installed, or not loaded yet. */
  isAbsent = false

  reset(): void {
    this.asked = 0
    this.isAbsent = false
  }

  /** The module with the spy in it, and loaded; for `vi.mock`. */
  async watch(module: StatxModule): Promise<StatxModule> {
    const real = await module.loadStatNames()
    const watched: StatNames | undefined =
      real &&
      ((directoryFd, names) => {
        this.asked += names.length
        return real(directoryFd, names)
      })
    return { ...module, statNamesIfLoaded: () => (this.isAbsent ? undefined : watched) }
  }
}

export const statx: StatxSpy = new StatxSpy()
