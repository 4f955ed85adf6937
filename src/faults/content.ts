import type { ZodType } from 'zod'
import { seededBytes } from '../options/random-bytes.ts'
import { type Encoding, encodeText } from '../protocol/encoding.ts'
import type { ContentText } from '../scenario/written/said.ts'
import type { Kit } from './fault.ts'
import { named, size } from './shapes.ts'

/** Bytes that a scenario brings with it. */
export type Content = string | { readonly base64: string } | { readonly size: number; readonly seed: number }

/** The schema of content: text as it is, bytes in Base64, or random ones as `randomBytes` makes them. */
export function content(z: Kit): ZodType<Content, ContentText> {
  const description = 'Text, bytes in Base64, or bytes that look random.'
  const make = () =>
    z.union([
      z.string(),
      z.strictObject({ base64: z.base64().meta({ description: 'The bytes, in Base64.' }) }),
      z.strictObject({
        size: size(z).meta({ description: 'How many bytes that look random.' }),
        seed: z.int().default(0).meta({ description: 'Other bytes for each. Default: 0.' }),
      }),
    ]) as unknown as ZodType<Content, ContentText>
  return named('Content', description, make)
}

/** The bytes themselves. */
export function bytesOf(given: Content, encoding: Encoding): Buffer {
  if (typeof given === 'string') return encodeText(given, encoding)
  return 'base64' in given ? Buffer.from(given.base64, 'base64') : seededBytes(given.size, given.seed)
}
