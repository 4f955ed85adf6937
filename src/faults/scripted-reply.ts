import type { ZodType } from 'zod'
import type { OutgoingReply } from '../handlers/seams.ts'
import { decodeText, type Encoding, encodeText } from '../protocol/encoding.ts'
import { formatReply } from '../protocol/reply.ts'
import type { RepliesText, ReplyText } from '../scenario/written/said.ts'
import type { Kit } from './fault.ts'
import { named } from './shapes.ts'

/** What a scenario has the server say: a reply as text, or any bytes. */
export type ScriptedReply = { readonly text: string } | { readonly raw: string } | { readonly base64: string }

/** No reply, where one has its turn: nothing is written, and what waits for a reply goes on. */
export const silence: OutgoingReply = { code: 0, lines: [], isPreliminary: false, wire: Buffer.alloc(0) }

/** The schema of one reply: text as the client is to see it, line ends added; or bytes as they are. */
function scriptedReply(z: Kit): ZodType<ScriptedReply, ReplyText> {
  const text = z.string().regex(/^\d{3}([ -]|\r?\n|$)/, {
    error: "a reply with its code, such as '550 No such file.', or { raw } for anything else",
  })
  const description = "A reply as the client is to see it, such as '550 No such file.', line ends added; or any bytes."
  const make = () =>
    z.union([
      text.transform((reply) => ({ text: reply })),
      z
        .strictObject({
          raw: z.string().min(1).meta({ description: 'Text as it is: without a line end, unless it has one.' }),
          times: z.int().min(1).max(1_000_000).default(1).meta({ description: 'How often. Default: 1.' }),
        })
        .transform(({ raw, times }) => ({ raw: raw.repeat(times) })),
      z.strictObject({ base64: z.base64().min(1).meta({ description: 'Bytes, in Base64.' }) }),
    ]) as unknown as ZodType<ScriptedReply, ReplyText>
  return named('Reply', description, make)
}

/** The schema of replies: one, several, or 'none'. */
export function replies(z: Kit): ZodType<ScriptedReply[], RepliesText> {
  const description = "A reply, several that go out in one segment, or 'none'."
  const make = () =>
    z.union([
      z.literal('none').transform(() => []),
      scriptedReply(z).transform((one) => [one]),
      z.array(scriptedReply(z)).min(1),
    ]) as unknown as ZodType<ScriptedReply[], RepliesText>
  return named('Replies', description, make)
}

/** A scripted reply on its way to the wire. */
export function outgoing(scripted: ScriptedReply, encoding: Encoding): OutgoingReply {
  const wire = bytesOf(scripted, encoding)
  const reply = readReply(wire, encoding)
  const isUsual = encodeText(formatReply(reply), encoding).equals(wire)
  const { code } = reply
  return { ...reply, isPreliminary: code >= 100 && code < 200, ...(!isUsual && { wire }) }
}

/** The code of a reply and its lines, so far as its bytes have any; 0 without a code. */
function readReply(wire: Buffer, encoding: Encoding): Pick<OutgoingReply, 'code' | 'lines'> {
  const text = textOf(wire, encoding)
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  const code = /^\d{3}(?=[ -]|$)/.exec(lines[0] ?? '')?.[0] ?? ''
  const withoutCode = (line: string) => (code === '' ? line : line.replace(new RegExp(`^${code}(?:[ -]|$)`), ''))
  const isEnd = (index: number) => index === 0 || index === lines.length - 1
  return { code: Number(code), lines: lines.map((line, index) => (isEnd(index) ? withoutCode(line) : line)) }
}

/** The bytes of a reply as text, whatever they are. */
export function textOf(wire: Buffer, encoding: Encoding): string {
  return decodeText(wire, encoding, true) ?? wire.toString('latin1')
}

function bytesOf(scripted: ScriptedReply, encoding: Encoding): Buffer {
  if ('base64' in scripted) return Buffer.from(scripted.base64, 'base64')
  if ('raw' in scripted) return encodeText(scripted.raw, encoding)
  const lines = scripted.text.replace(/(\r?\n)+$/, '').split(/\r?\n/)
  return encodeText(lines.map((line) => `${line}\r\n`).join(''), encoding)
}
