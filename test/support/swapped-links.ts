import { renameSync } from 'node:fs'
import path from 'node:path'
import { AbstractedFS } from '../../src/server.ts'

/**
 * A root in which somebody exchanges a directory and a file for symbolic links to outside, just behind a check and before
 * what the check was for: behind the first, the second … in turn.
 */
export class Swapper {
  /** Behind which check of a command the links come. */
  afterCheck = 1
  readonly #names: readonly string[]
  readonly #root: string
  #checks = 0
  #isSwapped = false

  /** Each of `names` stands in the root, with a link beside it whose name ends in `.link`. */
  constructor(root: string, names: readonly string[]) {
    this.#root = root
    this.#names = names
  }

  checked(): void {
    if (++this.#checks === this.afterCheck) this.#swap()
  }

  /** All as it was; whether the links had come. */
  reset(): boolean {
    const wasSwapped = this.#isSwapped
    if (wasSwapped) this.#swap()
    this.#checks = 0
    this.#isSwapped = false
    return wasSwapped
  }

  #swap(): void {
    this.#isSwapped = true
    for (const name of this.#names) {
      const place = path.join(this.#root, name)
      renameSync(place, `${place}.aside`)
      renameSync(`${place}.link`, place)
      renameSync(`${place}.aside`, `${place}.link`)
    }
  }
}

/** The class of a file system that a swapper looks at. */
export function swappedBy(swapper: () => Swapper | undefined): typeof AbstractedFS {
  return class extends AbstractedFS {
    override validpath(hostPath: string): boolean {
      const isValid = super.validpath(hostPath)
      swapper()?.checked()
      return isValid
    }
  }
}
