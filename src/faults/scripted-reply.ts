import type { ZodType } from 'zod'
import type { OutgoingReply } from '../handlers/seams.ts'
import { type Encoding, encodeText } from '../protocol/encoding.ts'
import type { Kit } from './fault.ts'

/** What a scenario has the server say: a reply as text, or any bytes. */
export type ScriptedReply = { readonly text: string } | { readonly raw: string } | { readonly base64: string }

/** A scripted reply as scenarios write it; text alone is a reply. */
export type ScriptedReplyText = string | ScriptedReply

/** The schema of one reply: text as the client is to see it, line ends added; or bytes as they are. */
export function scriptedReply(z: Kit): ZodType<ScriptedReply, ScriptedReplyText> {
  const text = z.string().regex(/^\d{3}([ -]|$)/, {
    error: "a reply with its code, such as '550 No such file.', or { raw } for anything else",
  })
  return z.union([
    text.transform((reply) => ({ text: reply })),
    z.strictObject({ raw: z.string() }),
    z.strictObject({ base64: z.base64() }),
  ]) as unknown as ZodType<ScriptedReply, ScriptedReplyText>
}

/** A scripted reply on its way to the wire. */
export function outgoing(scripted: ScriptedReply, encoding: Encoding): OutgoingReply {
  const wire = bytesOf(scripted, encoding)
  const lines = wire
    .toString('latin1')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
  const code = Number(/^\d{3}/.exec(lines[0] ?? '')?.[0] ?? 0)
  return {
    code,
    lines: lines.map((line) => line.replace(/^\d{3}[ -]?/, '')),
    isPreliminary: code >= 100 && code < 200,
    wire,
  }
}

function bytesOf(scripted: ScriptedReply, encoding: Encoding): Buffer {
  if ('base64' in scripted) return Buffer.from(scripted.base64, 'base64')
  if ('raw' in scripted) return encodeText(scripted.raw, encoding)
  const lines = scripted.text.trimEnd().split(/\r?\n/)
  return encodeText(lines.map((line) => `${line}\r\n`).join(''), encoding)
}
