import type { DirectoryCalls } from '../../src/native/directory-calls.ts'

type CallsModule = typeof import('../../src/native/directory-calls.ts')

/** What a test sees of the kernel's calls for directories, and may put in their place. */
export class DirectoryCallsSpy {
  /** Names that were looked at. */
  looked = 0
  /** Names that were read. */
  read = 0
  /** As if koffi were not installed, or not loaded yet. */
  isAbsent = false

  reset(): void {
    this.looked = 0
    this.read = 0
    this.isAbsent = false
  }

  /** The module with the spy in it, and loaded; for `vi.mock`. */
  async watch(module: CallsModule): Promise<CallsModule> {
    const real = await module.loadDirectoryCalls()
    const watched: DirectoryCalls | undefined = real && {
      statNames: (directoryFd, names) => {
        this.looked += names.length
        return real.statNames(directoryFd, names)
      },
      nextNames: (directoryFd) => {
        const names = real.nextNames(directoryFd)
        this.read += names.length
        return names
      },
    }
    return { ...module, directoryCallsIfLoaded: () => (this.isAbsent ? undefined : watched) }
  }
}

export const calls: DirectoryCallsSpy = new DirectoryCallsSpy()
