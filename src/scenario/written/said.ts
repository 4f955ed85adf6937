import type { Size } from '../../options/units.ts'

// `npm run schema` writes this file.

/** Content as scenarios write it: text, bytes in Base64, or bytes that look random. */
export type ContentText =
  | string
  | {
      /** The bytes, in Base64. */
      readonly base64: string
    }
  | {
      /** How many bytes that look random. */
      readonly size: Size
      /** Other bytes for each. Default: 0. */
      readonly seed?: number | undefined
    }

/** Replies as scenarios write them: one, several that go out in one segment, or 'none'. */
export type RepliesText = 'none' | ReplyText | readonly ReplyText[]

/** A scripted reply as scenarios write it; text alone is a reply. */
export type ReplyText =
  | string
  | {
      /** Text as it is: without a line end, unless it has one. */
      readonly raw: string
      /** How often. Default: 1. */
      readonly times?: number | undefined
    }
  | {
      /** Bytes, in Base64. */
      readonly base64: string
    }
