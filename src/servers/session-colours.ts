/** Told apart next to each other; red, green and yellow mean something. */
const PALETTE = ['cyan', 'magenta', 'blueBright', 'magentaBright', 'cyanBright'] as const

/** For what is of no session. */
const NONE = 'gray'

/** Gives each session a colour to know its lines by: one that no other open session has, as long as there are some. */
export class SessionColours {
  readonly #colours = new Map<number, (typeof PALETTE)[number]>()
  #next = 0

  add(session: number): void {
    const taken = new Set(this.#colours.values())
    const rotated = PALETTE.map((_, index) => (this.#next + index) % PALETTE.length)
    const index = rotated.find((at) => !taken.has(PALETTE[at] ?? 'cyan')) ?? this.#next
    this.#colours.set(session, PALETTE[index] ?? 'cyan')
    this.#next = (index + 1) % PALETTE.length
  }

  of(session: number): (typeof PALETTE)[number] | typeof NONE {
    return this.#colours.get(session) ?? NONE
  }

  delete(session: number): void {
    this.#colours.delete(session)
  }
}
