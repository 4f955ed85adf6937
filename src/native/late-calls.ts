import { type Koffi, loadKoffi } from './koffi.ts'

/** Linux on one of the architectures where its system calls are known to take their arguments and constants alike. */
export function isKnownLinux(): boolean {
  return process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)
}

/** Calls into the kernel, bound by koffi once they have been of use often enough to be worth the time that loading takes. */
export class LateCalls<T> {
  readonly #worthwhile: number
  readonly #isPossible: () => boolean
  readonly #bind: (koffi: Koffi) => T | undefined
  #uses = 0
  #loading: Promise<T | undefined> | undefined
  #loaded: T | undefined

  constructor(worthwhile: number, isPossible: () => boolean, bind: (koffi: Koffi) => T | undefined) {
    this.#worthwhile = worthwhile
    this.#isPossible = isPossible
    this.#bind = bind
  }

  /** The calls; `undefined` where they are not possible, and where koffi is not installed. */
  load(): Promise<T | undefined> {
    this.#loading ??= this.#load().then((calls) => {
      this.#loaded = calls
      return calls
    })
    return this.#loading
  }

  /** What `load` gives, without waiting for it; loading begins with the use that makes it worth while. */
  ifLoaded(uses = 1): T | undefined {
    if (this.#loaded === undefined && this.#loading === undefined) {
      this.#uses += uses
      if (this.#uses >= this.#worthwhile) void this.load()
    }
    return this.#loaded
  }

  async #load(): Promise<T | undefined> {
    if (!this.#isPossible()) return undefined
    const koffi = await loadKoffi()
    try {
      return koffi && this.#bind(koffi)
    } catch {
      // A C library without one of the functions: the usual way serves as well.
      return undefined
    }
  }
}
