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
  const pattern = '^[0-9]+([.][0-9]+)?(%| *(B|KiB|MiB|GiB|kB|MB|GB))$'
  return named('Mark', description, () => quantity<MarkText, Mark>(z, parseMark, pattern))
}

const parseMark: Check<Mark> = (value, name) => {
  const percent = typeof value === 'string' ? /^(\d+(?:\.\d+)?)%$/.exec(value)?.[1] : undefined
  if (percent !== undefined && Number(percent) <= 100) return { percent: Number(percent) }
  try {
    return { bytes: parseSize(value, name) }
  } catch {
    throw invalidOption(name, value, "whole bytes ≥ 0, or a string such as '32KiB' or '50%'")
  }
}

/** How many bytes in a mark is; a share of what is not known, as of an upload, is never reached. */
export function bytesAt(mark: Mark, flow: DataFlow): number {
  if ('bytes' in mark) return mark.bytes
  return flow.size === undefined ? Number.POSITIVE_INFINITY : Math.floor((flow.size * mark.percent) / 100)
}

/** Where in a transfer a mark is; says so where that cannot be known, and it is never reached then. */
export function placeOf(mark: Mark, flow: DataFlow, exchange: Exchange): number {
  const place = bytesAt(mark, flow)
  if (place === Number.POSITIVE_INFINITY && 'percent' in mark) {
    exchange.warn(`there is no ${mark.percent}% of a transfer whose size is not known: that of a download in TYPE I is`)
  }
  return place
}
