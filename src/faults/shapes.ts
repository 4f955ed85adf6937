import type { z as Zod, ZodType } from 'zod'
import { type Check, expectedBy } from '../options/check.ts'
import { type Duration, parseDuration, parseRate, parseSize, type Rate, type Size } from '../options/units.ts'
import type { Kit } from './fault.ts'

const NUMBER = '^[0-9]+([.][0-9]+)?'
const UNIT = '(B|KiB|MiB|GiB|kB|MB|GB)'

/** A duration; in milliseconds once read. */
export function duration(z: Kit): ZodType<number, Duration> {
  const description = "Milliseconds, or '250ms', '5s', '2m', '1h'."
  return named('Duration', description, () => quantity<Duration, number>(z, parseDuration, `${NUMBER} *(ms|s|m|h)$`))
}

/** A duration, or `Infinity` for 'forever'. */
export function durationOrForever(z: Kit): ZodType<number, Duration | 'forever'> {
  const forever = z.literal('forever').transform(() => Number.POSITIVE_INFINITY)
  return z.union([forever, duration(z)]) as unknown as ZodType<number, Duration | 'forever'>
}

/** How long that is, in words. */
export function lasting(durationMs: number): string {
  return durationMs === Number.POSITIVE_INFINITY ? 'for ever' : `for ${durationMs} ms`
}

/** A number of bytes. */
export function size(z: Kit): ZodType<number, Size> {
  const description = "Bytes, or '512B', '64KiB', '10MiB'."
  return named('Size', description, () => quantity<Size, number>(z, parseSize, `${NUMBER} *${UNIT}$`))
}

/** Bytes per second. */
function rate(z: Kit): ZodType<number, Rate> {
  const description = "Bytes per second, or '64KiB/s', '1MB/s'."
  return named('Rate', description, () => quantity<Rate, number>(z, parseRate, `${NUMBER} *${UNIT}/s$`))
}

/** A number of bytes, at least one. */
export function someBytes(z: Kit): ZodType<number, Size> {
  return positive(size(z), 'a size of at least one byte')
}

/** Bytes per second, at least one. */
export function someRate(z: Kit): ZodType<number, Rate> {
  return positive(rate(z), 'a rate of at least one byte per second')
}

function positive<I>(quantity: ZodType<number, I>, expected: string): ZodType<number, I> {
  return quantity.refine((value) => value > 0, { error: expected })
}

/** How a connection ends for the client to see: in good order (`fin`), or reset (`rst`). */
export function ending(z: Kit): Zod.ZodEnum<{ fin: 'fin'; rst: 'rst' }> {
  return z.enum(['fin', 'rst'])
}

/** A number, or text that a check of the options reads; the pattern is that of the text, for JSON Schema. */
export function quantity<I extends number | string, O>(z: Kit, read: Check<O>, pattern: string): ZodType<O, I> {
  const written = z.union([z.number().meta({ minimum: 0 }), z.string().meta({ pattern })], {
    error: ({ input }) => expected(read, input),
  })
  return written.transform((value, context) => {
    try {
      return read(value, '')
    } catch (error) {
      context.issues.push({ code: 'custom', message: expectedBy(error as Error), input: value })
      return z.NEVER
    }
  }) as unknown as ZodType<O, I>
}

const schemas = new Map<string, ZodType>()

/** A schema that is the same one each time: JSON Schema has it once then, by its name. */
export function named<I, O>(id: string, description: string, make: () => ZodType<O, I>): ZodType<O, I> {
  const schema = schemas.get(id) ?? make().meta({ id, description })
  schemas.set(id, schema)
  return schema as ZodType<O, I>
}

/** What a check would take in place of something that it does not. */
function expected(read: Check<unknown>, input: unknown): string {
  try {
    read(input, '')
    return ''
  } catch (error) {
    return expectedBy(error as Error)
  }
}
