import type { FtpEvent } from '../handlers/events.ts'

/** A command with all that belongs to it; what comes before the first one belongs to none. */
interface Exchange {
  readonly verb: string
  readonly events: FtpEvent[]
}

/**
 * The events of a session in an order that does not depend on who was faster: replies and transfers stand with their
 * command although the next one may have come meanwhile, and a data connection stands with its transfer.
 */
export function stableOrder(events: readonly FtpEvent[]): FtpEvent[] {
  const exchanges: Exchange[] = [{ verb: '', events: [] }]
  let ofData: FtpEvent[] = []
  for (const event of events) {
    if (event.type === 'command') exchanges.push({ verb: event.verb, events: [] })
    else if (isUnasked(event) && isOver(exchanges.at(-1) as Exchange)) exchanges.push({ verb: '', events: [] })
    if (isOfData(event)) {
      if (event.type === 'data-open') ofData = []
      ofData.push(event)
      continue
    }
    const { events: together } = exchangeOf(event, exchanges)
    if (event.type === 'transfer') together.push(...ofData.splice(0))
    together.push(event)
  }
  return exchanges.flatMap(inOrder)
}

/** What the server did of its own accord: behind what it was asked for, if that is over. */
function isUnasked(event: FtpEvent): boolean {
  return (event.type === 'reply' || event.type === 'fault') && event.verb === ''
}

/** What of a data connection may come before the command that uses it, or behind it. */
function isOfData(event: FtpEvent): boolean {
  if (event.type === 'data-open' || event.type === 'data-refused') return true
  return (event.type === 'tls' || event.type === 'tls-failed') && event.connection === 'data'
}

/** The last exchange of an event's verb; without one, the last of all. */
function exchangeOf(event: FtpEvent, exchanges: readonly Exchange[]): Exchange {
  const last = exchanges.at(-1) as Exchange
  if (event.type !== 'reply' && event.type !== 'transfer' && event.type !== 'fault') return last
  return exchanges.findLast(({ verb }) => verb !== '' && verb === event.verb) ?? last
}

function isOver({ events }: Exchange): boolean {
  return events.some((event) => event.type === 'reply' && event.code >= 200)
}

/** With a preliminary reply, all that happens meanwhile stands between that and the final one. */
function inOrder({ events }: Exchange): FtpEvent[] {
  const isLong = events.some((event) => rank(event) === 1 || event.type === 'transfer')
  if (!isLong) return events
  // Sorting keeps the order of those that are alike.
  return [...events].sort((a, b) => rank(a) - rank(b))
}

function rank(event: FtpEvent): number {
  if (event.type === 'command') return 0
  if (event.type === 'reply') return event.code >= 100 && event.code < 200 ? 1 : 5
  if (isOfData(event)) return 2
  return event.type === 'transfer' ? 4 : 3
}
