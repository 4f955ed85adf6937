import type { Sendfile } from '../../src/native/sendfile.ts'

type SendfileModule = typeof import('../../src/native/sendfile.ts')

/** What a test sees of sendfile(2), and may put in its place. */
export class SendfileSpy {
  /** What the calls so far were answered with. */
  results: number[] = []
  /** As if koffi were not installed. */
  isAbsent = false
  /** Asked in place of the kernel, with the kernel at hand. */
  instead: ((real: Sendfile, ...call: Parameters<Sendfile>) => number) | undefined

  reset(): void {
    this.results = []
    this.isAbsent = false
    this.instead = undefined
  }

  /** Bytes that the kernel sent. */
  get bytes(): number {
    return this.results.reduce((sum, result) => sum + Math.max(result, 0), 0)
  }

  /** The module with the spy in it, and loaded; for `vi.mock`. */
  async watch(module: SendfileModule): Promise<SendfileModule> {
    const real = await module.loadSendfile()
    if (real === undefined) throw new Error('koffi is not installed')
    const watched: Sendfile = (...call) => {
      const result = this.instead ? this.instead(real, ...call) : real(...call)
      this.results.push(result)
      return result
    }
    return { ...module, sendfileIfLoaded: () => (this.isAbsent ? undefined : watched) }
  }
}

export const kernel: SendfileSpy = new SendfileSpy()
