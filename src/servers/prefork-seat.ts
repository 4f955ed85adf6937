import cluster from 'node:cluster'
import type { EventDetail } from '../handlers/events.ts'
import type { IOLoop } from '../ioloop/ioloop.ts'
import { invalidOption } from '../options/check.ts'
import type { OptionChanges } from './options.ts'
import { packError } from './portable-event.ts'
import { type Address, type Downward, SEAT, type SeatStart, type Upward, type Wrapped } from './prefork-messages.ts'
import { PreforkSuperior } from './prefork-superior.ts'
import type { Superior } from './superior.ts'

/** A server in a worker process, as the first process sees it. */
export interface Subordinate {
  readonly address: Address
  readonly ioloop: IOLoop
  configure(changes: OptionChanges): void
  close(): Promise<void>
  closeAll(): Promise<void>
  emit(detail: EventDetail): void
}

/** What a server in a worker process has of the first process. */
export interface Seat {
  readonly superior: Superior
  readonly numbers: { readonly first: number; readonly step: number }
  /** Tells the first process how listening went. */
  report(opened: Promise<void>): Promise<void>
  /** Lets go of the first process: the server is closed. */
  leave(): void
}

/** The seat of a server in this process; `undefined` where this is the first process. */
export function seatInProcess(server: Subordinate): Seat | undefined {
  const { worker } = cluster
  const seat = process.env[SEAT]
  if (worker === undefined) return undefined
  if (seat === undefined) throw invalidOption('workerProcesses', undefined, '1 in a worker of node:cluster')
  delete process.env[SEAT]
  const post = (ftpFixture: Upward) => void (worker.isConnected() && worker.send({ ftpFixture }))
  const { heard, ...numbers } = JSON.parse(seat) as SeatStart
  const superior = new PreforkSuperior(post, server.ioloop, heard)
  const configure = (changes: OptionChanges) => {
    try {
      server.configure(changes)
    } catch (error) {
      server.emit({ type: 'error', error })
    }
  }
  worker.on('message', ({ ftpFixture: message }: Wrapped<Downward>) => {
    switch (message?.type) {
      case 'answer':
        return superior.answer(message)
      case 'recall':
        return superior.recall()
      case 'hear':
        return superior.hear(message.types)
      case 'configure':
        return configure(message.changes)
      case 'close':
        void (message.all ? server.closeAll() : server.close())
    }
  })
  return {
    superior,
    numbers,
    report: (opened) =>
      opened.then(
        () => post({ type: 'listening', address: server.address }),
        // Thrown in the first process, which then closes this one.
        (error: unknown) => post({ type: 'failed', error: packError(error) }),
      ),
    leave: () => void worker.disconnect(),
  }
}
