import { bytesOf, content } from './content.ts'
import { fault } from './fault.ts'

/** A listing of another make, or another file. */
export const body = fault({
  name: 'body',
  does: 'Sends this in place of the listing or file; it goes as it is, line ends too.',
  needs: 'download',
  schema: (z) => content(z),
  seams: (instead, exchange) => ({
    data: (flow) => [
      async function* () {
        const bytes = bytesOf(instead, exchange.session.options.encoding)
        exchange.note(`${flow.path}: ${bytes.length} bytes of the scenario's sent in its place`)
        yield bytes
      },
    ],
  }),
})
