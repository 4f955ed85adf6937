import type { SystemSockets } from '../../src/native/sockets.ts'

type SocketsModule = typeof import('../../src/native/sockets.ts')
type ClockModule = typeof import('../../src/ioloop/clock.ts')

/** How long the passive listener leaves its connections alone. */
const UNWATCHED_MS = 5

/** What a test sees of the sockets that are system calls, and may put in the place of a call. */
export class SocketsSpy {
  /** Whether this machine has them at all. */
  isPresent = false
  /** As if koffi were not installed. */
  isAbsent = false
  /** Whether connections that come are left alone until a command comes, however slow this machine is. */
  isPatient = true
  /** What `send` and `receive` were answered with. */
  sent: number[] = []
  received: number[] = []
  /** Asked in place of the kernel, with the kernel at hand. */
  sendInstead: ((real: SystemSockets['send'], ...call: Parameters<SystemSockets['send']>) => number) | undefined
  receiveInstead:
    | ((real: SystemSockets['receive'], ...call: Parameters<SystemSockets['receive']>) => number)
    | undefined

  reset(): void {
    this.isAbsent = false
    this.isPatient = true
    this.sent = []
    this.received = []
    this.sendInstead = undefined
    this.receiveInstead = undefined
  }

  /** The module with the spy in it, and loaded; for `vi.mock`. */
  async watch(module: SocketsModule): Promise<SocketsModule> {
    const real = await module.loadSystemSockets()
    this.isPresent = real !== undefined
    const watched = real && this.#watched(real)
    return { ...module, systemSocketsWhenWorthwhile: () => (this.isAbsent ? undefined : watched) }
  }

  /** The clock with patience in it; for `vi.mock`. */
  wait(module: ClockModule): ClockModule {
    const isPatient = () => this.isPatient
    class PatientClock extends module.RealClock {
      override alarm(delayMs: number, ring: () => void) {
        return super.alarm(delayMs, () => (delayMs === UNWATCHED_MS && isPatient() ? undefined : ring()))
      }
    }
    return { ...module, RealClock: PatientClock }
  }

  #watched(real: SystemSockets): SystemSockets {
    return {
      ...real,
      send: (...call) => {
        const result = this.sendInstead ? this.sendInstead(real.send, ...call) : real.send(...call)
        this.sent.push(result)
        return result
      },
      receive: (...call) => {
        const result = this.receiveInstead ? this.receiveInstead(real.receive, ...call) : real.receive(...call)
        this.received.push(result)
        return result
      },
    }
  }
}

export const system: SocketsSpy = new SocketsSpy()
