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
  /** Those leased to workers, which use them without asking, or do not. */
  leased = 0
  /** Leased ones that data connections were seen to use. */
  leasedData = 0
  readonly #limits: () => { readonly maxCons: number; readonly maxConsPerIp: number }
  readonly #perAddress = new Map<string, number>()

  constructor(limits: () => { readonly maxCons: number; readonly maxConsPerIp: number }) {
    this.#limits = limits
  }

  /** Whether `maxCons` leaves a place. */
  get hasRoom(): boolean {
    return this.#taken < this.#limits().maxCons
  }

  /** Whether addresses are counted. */
  get countsAddresses(): boolean {
    return this.#limits().maxConsPerIp > 0
  }

  /** Whether so many places more can be given away without regard to who will want one. */
  canSpare(count: number): boolean {
    return !this.countsAddresses && (this.#taken + count) * 2 <= this.#limits().maxCons
  }

  get #taken(): number {
    return this.control + this.data + this.leased
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
  #leased = 0
  #leasedData = 0

  constructor(places: Places) {
    this.#places = places
  }

  /** Whether it has places in advance. */
  get hasLease(): boolean {
    return this.#leased > 0
  }

  /** Takes places in advance. */
  lease(count: number): void {
    this.#countLeased(count)
  }

  /** Notes how many leased places data connections use. */
  noteLeasedData(count: number): void {
    this.#places.leasedData += count - this.#leasedData
    this.#leasedData = count
  }

  /** Ends the lease: counts what is used of it, and frees the rest. */
  endLease(sessions: readonly (readonly [session: number, address: string])[], data: number): void {
    this.#countLeased(-this.#leased)
    this.noteLeasedData(0)
    for (const [session, address] of sessions) this.#countControl(session, address)
    this.#countData(data)
  }

  takeControl(session: number, address: string): Limit | undefined {
    const limit = this.#places.limitFor(address)
    if (limit === undefined) this.#countControl(session, address)
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
    this.#countData(1)
    return true
  }

  freeData(): void {
    if (this.#data > 0) this.#countData(-1)
  }

  /** Gives back all that is taken. */
  giveBack(): void {
    for (const session of this.#addresses.keys()) this.freeControl(session)
    this.#countData(-this.#data)
    this.endLease([], 0)
  }

  #countControl(session: number, address: string): void {
    this.#places.countControl(address, 1)
    this.#addresses.set(session, address)
  }

  #countData(change: number): void {
    this.#places.data += change
    this.#data += change
  }

  #countLeased(change: number): void {
    this.#places.leased += change
    this.#leased += change
  }
}
