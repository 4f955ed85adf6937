import { throttle as atRate } from '../handlers/throttle.ts'
import { fault } from './fault.ts'
import { behind } from './passing.ts'
import { size, someRate } from './shapes.ts'

/** A narrow line. */
export const throttle = fault({
  name: 'throttle',
  does: 'Lets only so many bytes per second pass; `burst` bytes go ahead of them at once.',
  needs: 'transfer',
  schema: (z) =>
    z.union([
      someRate(z).transform((rate) => ({ rate, burst: 0 })),
      z.strictObject({
        rate: someRate(z).meta({ description: 'How many bytes per second pass.' }),
        burst: size(z).default(0).meta({ description: 'How many go ahead of them at once. Default: 0.' }),
      }),
    ]),
  seams: ({ rate, burst }, exchange) => ({
    data: (flow) => {
      const { ioloop } = exchange.session
      const narrow = atRate({ ioloop, limit: () => rate, hold: (delayMs) => flow.hold(delayMs) })
      return [
        behind(burst, (rest, signal) => {
          exchange.note(`${flow.path}: throttled to ${rate} bytes per second after ${burst} bytes`)
          return narrow(rest, signal)
        }),
      ]
    },
  }),
})
