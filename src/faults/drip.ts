import { fault } from './fault.ts'
import { duration, someBytes } from './shapes.ts'

/** Replies that come in crumbs. */
export const drip = fault({
  name: 'drip',
  does: 'Sends replies a byte at a time, or so many `bytes`, each after a pause.',
  schema: (z) =>
    z.union([
      duration(z).transform((every) => ({ every, bytes: 1 })),
      z.strictObject({
        every: duration(z).meta({ description: 'The pause before each piece.' }),
        bytes: someBytes(z).default(1).meta({ description: 'How large a piece is. Default: 1.' }),
      }),
    ]),
  seams: ({ every, bytes: size }, exchange) => ({
    async write(bytes, push) {
      exchange.note(`reply of ${bytes.length} bytes sent in pieces of ${size}, ${every} ms apart`)
      for (let at = 0; at < bytes.length; at += size) {
        await exchange.sleep(every)
        await push(bytes.subarray(at, at + size))
      }
    },
  }),
})
