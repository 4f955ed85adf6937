import type { OutgoingReply } from '../handlers/seams.ts'
import { formatHostPort, networkProtocolOf, parsePort } from '../protocol/address.ts'
import { closedPort } from './closed-port.ts'
import { fault } from './fault.ts'

/** Writes a reply's text, of which `place` is the part for machines: `127,0,0,1,200,13` or `|||51213|`. */
type Form = (intro: string, place: string) => readonly [string, ...string[]]

const usual: Form = (intro, place) => [`${intro} (${place}).`]

/** Ways to write the reply that clients have met. */
const FORMS = {
  'no-parentheses': (intro, place) => [`${intro} ${place}.`],
  equals: (intro, place) => [`${intro} =${place}`],
  spaces: (intro, place) => [`${intro} ( ${place.replace(/[,|]/g, '$& ')} ).`],
  'no-trailing-dot': (intro, place) => [`${intro} (${place})`],
  'on-first-line': (intro, place) => [`${intro} (${place}).`, 'Waiting for the connection.'],
  'on-last-line': (intro, place) => ['Waiting for the connection.', `${intro} (${place}).`],
  'cut-short': (intro) => [`${intro} (`],
  'other-delimiter': (intro, place) => [`${intro} (${place.replace(/[,|]/g, '!')}).`],
  'missing-delimiter': (intro, place) => [`${intro} (${place.replace(/[,|](?=[^,|]*$)/, '')}).`],
  'other-verb': usual,
} as const satisfies Readonly<Record<string, Form>>

type FormName = keyof typeof FORMS

/** The reply to PASV or EPSV says something else than what is the case: the port that was opened stays as it is. */
export const announce = fault({
  name: 'announce',
  does: 'Replies to PASV or EPSV with another address or port than the one listened on, or in another form.',
  needs: 'passive',
  schema: (z) => {
    const address = z.string().regex(/^\S+$/, { error: "an address or a name, such as '10.0.0.5'" })
    const error = "a number, 'closed' for a port that nobody listens on, or a difference in quotes, such as '+1'"
    const port = z.union([z.int().min(0, { error }), z.literal('closed'), z.string().regex(/^[+-]\d+$/, { error })], {
      error,
    })
    const form = z.enum(Object.keys(FORMS) as [FormName, ...FormName[]])
    return z
      .strictObject({
        address: address.optional().meta({ description: 'The address told. Default: the right one.' }),
        port: port.optional().meta({
          description:
            "The port told: a number, 'closed' for one that nobody listens on, or a difference in quotes, such as '+1'. Default: the right one.",
        }),
        form: form.optional().meta({ description: 'How it is written. Default: as usual.' }),
      })
      .refine((lie) => Object.keys(lie).length > 0, { error: 'address, port or form' })
  },
  seams: ({ address, port, form }, exchange) => ({
    async reply(outgoing, send) {
      const truth = placeIn(outgoing)
      if (truth === undefined) return send(outgoing)
      const { localAddress } = exchange.session
      const told = await portFor(port, truth.port, localAddress)
      const code = (outgoing.code === 227) === (form === 'other-verb') ? 229 : 227
      const write = form === undefined ? usual : FORMS[form]
      const lines =
        code === 227
          ? write('Entering passive mode', numbers(address ?? truth.host ?? localAddress, told))
          : write('Entering extended passive mode', fields(address, told))
      exchange.note(`announces "${lines.join(' / ')}" and listens on ${formatHostPort(localAddress, truth.port)}`)
      return send({ ...outgoing, code, lines })
    },
  }),
})

/** Where a reply sends the client; `undefined` for a reply of another kind. */
function placeIn({ code, lines: [text = ''], wire }: OutgoingReply): { host?: string; port: number } | undefined {
  if (wire !== undefined) return undefined
  if (code === 227) return parsePort(/\(([\d,]+)\)/.exec(text)?.[1] ?? '')
  const port = code === 229 ? /\|(\d+)\|\)/.exec(text)?.[1] : undefined
  return port === undefined ? undefined : { port: Number(port) }
}

async function portFor(told: number | string | undefined, truth: number, host: string): Promise<number> {
  if (told === undefined) return truth
  if (told === 'closed') return closedPort(host)
  return typeof told === 'number' ? told : truth + Number(told)
}

/** As 227 has it, which has no room for an IPv6 address: 0,0,0,0 stands for one. */
function numbers(host: string, port: number): string {
  const address = networkProtocolOf(host) === 2 ? '0.0.0.0' : host
  const isDotted = /^\d+(\.\d+){3}$/.test(address)
  return [isDotted ? address.replaceAll('.', ',') : address, Math.floor(port / 256), port % 256].join(',')
}

/** As 229 has it, where RFC 2428 §3 leaves the address out. */
function fields(address: string | undefined, port: number): string {
  return address === undefined ? `|||${port}|` : `|${networkProtocolOf(address)}|${address}|${port}|`
}
