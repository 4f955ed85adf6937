import type { z as Zod, ZodType } from 'zod'
import type { Check } from '../options/check.ts'
import { type Duration, parseDuration, parseRate, parseSize, type Rate, type Size } from '../options/units.ts'
import type { Kit } from './fault.ts'

/** A duration; in milliseconds once read. */
export function duration(z: Kit): ZodType<number, Duration> {
  return quantity<Duration, number>(z, parseDuration).meta({
    id: 'Duration',
    description: "Milliseconds, or '250ms', '5s', '2m', '1h'.",
  })
}

/** A number of bytes. */
export function size(z: Kit): ZodType<number, Size> {
  return quantity<Size, number>(z, parseSize).meta({ id: 'Size', description: "Bytes, or '512B', '64KiB', '10MiB'." })
}

/** Bytes per second. */
export function rate(z: Kit): ZodType<number, Rate> {
  return quantity<Rate, number>(z, parseRate).meta({
    id: 'Rate',
    description: "Bytes per second, or '64KiB/s', '1MB/s'.",
  })
}

/** How a connection ends for the client to see: in good order (`fin`), or reset (`rst`). */
export function ending(z: Kit): Zod.ZodEnum<{ fin: 'fin'; rst: 'rst' }> {
  return z.enum(['fin', 'rst'])
}

/** A number, or text that a check of the options reads. */
export function quantity<I extends number | string, O>(z: Kit, read: Check<O>): ZodType<O, I> {
  return z.union([z.number(), z.string()]).transform((value, context) => {
    try {
      return read(value, '')
    } catch (error) {
      context.issues.push({ code: 'custom', message: expectedBy(error as Error), input: value })
      return z.NEVER
    }
  }) as unknown as ZodType<O, I>
}

/** What a check would have taken, in its own words. */
function expectedBy({ message }: Error): string {
  return /expected (.*), found /s.exec(message)?.[1] ?? message
}
