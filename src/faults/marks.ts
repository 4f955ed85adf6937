import type { ZodType } from 'zod'
import type { DataFlow } from '../handlers/seams.ts'
import { type Check, invalidOption } from '../options/check.ts'
import { parseSize, type Size } from '../options/units.ts'
import type { Exchange, Kit } from './fault.ts'
import { named, quantity } from './shapes.ts'

/** A place in the bytes of a transfer, counted from its first one. */
export type Mark = { readonly bytes: number } | { readonly percent: number }

/** A mark as scenarios write it. */
export type MarkText = Size | `${number}%`

/** The schema of a mark: a size, or a share of what is to come. */
export function mark(z: Kit): ZodType<Mark, MarkText> {
  const description = "A place in the data: bytes, '32KiB', or '50%' of a download."
  const pattern = '^[0-9]+([.][0-9]+)? *(%|B|KiB|MiB|GiB|kB|MB|GB)$'
  return named('Mark', description, () => quantity<MarkText, Mark>(z, parseMark, pattern))
}

const parseMark: Check<Mark> = (value, name) => {
  const percent = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value)?.[1] : undefined
  if (percent !== undefined && Number(percent) <= 100) return { percent: Number(percent) }
  try {
    return { bytes: parseSize(value, name) }
  } catch {
    throw invalidOption(name, value, "whole bytes ≥ 0, or a string such as '32KiB' or '50%'")
  }
}

/** Where in a transfer a mark is, in bytes; what is a share of a size that is not known is never reached, which is told. */
export function placeOf(mark: Mark, { size }: DataFlow, exchange: Exchange): number {
  if ('bytes' in mark) return mark.bytes
  if (size !== undefined) return Math.floor((size * mark.percent) / 100)
  exchange.warn(`there is no ${mark.percent}% of a transfer whose size is not known: that of a download in TYPE I is`)
  return Number.POSITIVE_INFINITY
}
