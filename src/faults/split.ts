import { fault } from './fault.ts'
import { duration } from './shapes.ts'

/** Replies that are cut at awkward places. */
export const split = fault({
  name: 'split',
  does: 'Cuts replies at these places, counted in bytes, and pauses at each: what is between goes out in a segment of its own.',
  schema: (z) =>
    z.strictObject({
      at: z.array(z.int().min(1)).min(1).meta({ description: 'Behind which bytes of a reply to cut, counted from 1.' }),
      pause: duration(z).meta({ description: 'How long to wait at each cut.' }),
    }),
  seams: ({ at, pause }, exchange) => ({
    async write(bytes, push) {
      const places = [...new Set(at)].filter((place) => place < bytes.length).sort((a, b) => a - b)
      if (places.length > 0) exchange.note(`reply split at ${places.join(', ')}, with pauses of ${pause} ms`)
      let from = 0
      for (const place of places) {
        await push(bytes.subarray(from, place))
        await exchange.sleep(pause)
        from = place
      }
      await push(bytes.subarray(from))
    },
  }),
})
