import type { Awaitable } from '../authorizers/authorizer.ts'

/** A limit that leaves no place for a control connection. */
export type Limit = 'maxCons' | 'maxConsPerIp'

/** Takes places for connections, within the limits, and gives them back. */
export interface PlaceTaker {
  /** Takes a place for a session; gives the limit that stands against it, `undefined` when the place is taken. */
  takeControl(session: number, address: string): Awaitable<Limit | undefined>
  /** Gives the place of a session back; a second time does nothing. */
  freeControl(session: number): void
  takeData(): Awaitable<boolean>
  freeData(): void
}

/** The places that a server has for connections: counted once, wherever its sessions run. */
export class Places {
  control = 0
  data = 0
  readonly #limits: () => { readonly maxCons: number; readonly maxConsPerIp: number }
  readonly #perAddress = new Map<string, number>()

  constructor(limits: () => { readonly maxCons: number; readonly maxConsPerIp: number }) {
    this.#limits = limits
  }

  /** Whether `maxCons` leaves a place. */
  get hasRoom(): boolean {
    return this.control + this.data < this.#limits().maxCons
  }

  /** The limit that stands against one more control connection from an address. */
  limitFor(address: string): Limit | undefined {
    if (!this.hasRoom) return 'maxCons'
    const { maxConsPerIp } = this.#limits()
    return maxConsPerIp > 0 && (this.#perAddress.get(address) ?? 0) >= maxConsPerIp ? 'maxConsPerIp' : undefined
  }

  /** Counts a control connection that comes (1) or goes (-1). */
  countControl(address: string, change: 1 | -1): void {
    this.control += change
    const count = (this.#perAddress.get(address) ?? 0) + change
    if (count > 0) this.#perAddress.set(address, count)
    else this.#perAddress.delete(address)
  }
}

/** The places that one taker has, this process or a worker of it: all can be given back at once when it crashes. */
export class Share implements PlaceTaker {
  readonly #places: Places
  readonly #addresses = new Map<number, string>()
  #data = 0

  constructor(places: Places) {
    this.#places = places
  }

  takeControl(session: number, address: string): Limit | undefined {
    const limit = this.#places.limitFor(address)
    if (limit === undefined) {
      this.#places.countControl(address, 1)
      this.#addresses.set(session, address)
    }
    return limit
  }

  freeControl(session: number): void {
    const address = this.#addresses.get(session)
    if (address === undefined) return
    this.#addresses.delete(session)
    this.#places.countControl(address, -1)
  }

  takeData(): boolean {
    if (!this.#places.hasRoom) return false
    this.#places.data++
    this.#data++
    return true
  }

  freeData(): void {
    if (this.#data === 0) return
    this.#places.data--
    this.#data--
  }

  /** Gives back all that is taken. */
  giveBack(): void {
    for (const session of this.#addresses.keys()) this.freeControl(session)
    while (this.#data > 0) this.freeData()
  }
}
