import { EVENT_TYPES, type EventOf, type FtpEvent } from '../handlers/events.ts'
import { isFunction, rejectUnknownKeys } from '../options/check.ts'

/** Who is told of what happens, and of which kind of it. */
export type EventListener<T extends FtpEvent['type']> = (event: EventOf<T>) => unknown

/** Tells listeners what happens on a server. Whoever listens must not bring the server down: what he throws is told too. */
export class EventHub {
  /** Called when there are listeners to a type that had none, or none to one that had some. */
  onChange: () => void = () => {}
  readonly #all: readonly ((event: FtpEvent) => unknown)[]
  readonly #byType = new Map<FtpEvent['type'], Set<(event: never) => unknown>>()

  /** Takes those who are told all. */
  constructor(...all: readonly (((event: FtpEvent) => unknown) | undefined)[]) {
    this.#all = all.filter((listener) => listener !== undefined)
  }

  /** Whether anybody would hear an event of a type. */
  hears(type: FtpEvent['type']): boolean {
    return this.#all.length > 0 || this.#byType.has(type)
  }

  /** The types of event that anybody would hear. */
  get heard(): readonly FtpEvent['type'][] {
    return EVENT_TYPES.filter((type) => this.hears(type))
  }

  add<T extends FtpEvent['type']>(type: T, listener: EventListener<T>): void {
    rejectUnknownKeys({ [type]: true }, EVENT_TYPES, 'type of event')
    isFunction(listener, 'listener')
    const listeners = this.#byType.get(type)
    if (listeners !== undefined) return void listeners.add(listener)
    this.#byType.set(type, new Set<(event: never) => unknown>().add(listener))
    this.onChange()
  }

  remove<T extends FtpEvent['type']>(type: T, listener: EventListener<T>): void {
    const listeners = this.#byType.get(type)
    listeners?.delete(listener)
    if (listeners?.size !== 0) return
    this.#byType.delete(type)
    this.onChange()
  }

  /** Tells everybody of an event; `failed` is given what a listener threw, or rejected with. */
  tell(event: FtpEvent, failed: (error: unknown) => void): void {
    const listeners = this.#byType.get(event.type)
    for (const listener of [...this.#all, ...(listeners ?? [])]) {
      try {
        const result = listener(event as never)
        if (result instanceof Promise) result.catch(failed)
      } catch (error) {
        failed(error)
      }
    }
  }
}
