import { bytesOf, content } from './content.ts'
import { fault } from './fault.ts'

/** More than there is. */
export const append = fault({
  name: 'append',
  does: 'Sends or stores extra bytes behind the data; they go as they are, also in TYPE A.',
  needs: 'transfer',
  schema: (z) => content(z),
  seams: (extra, exchange) => ({
    data: (flow) => [
      async function* (chunks, signal) {
        yield* chunks
        if (signal.aborted) return
        const bytes = bytesOf(extra, exchange.session.options.encoding)
        exchange.note(`${flow.path}: ${bytes.length} bytes appended`)
        yield bytes
      },
    ],
  }),
})
