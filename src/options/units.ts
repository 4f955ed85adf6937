import { type Check, invalidOption } from './check.ts'

/** Milliseconds as a number, or with a unit: `'250ms'`, `'5s'`, `'2m'`, `'1h'`; a blank may stand before any unit. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h'}`

/** Bytes as a number, or with a unit: `'512B'`, `'64KiB'`, `'10MiB'`, `'1GiB'`; `kB`, `MB` and `GB` are powers of 1,000. */
export type Size = number | `${number}${'B' | 'KiB' | 'MiB' | 'GiB' | 'kB' | 'MB' | 'GB'}`

/** Bytes per second as a number, or with a unit: `'128KiB/s'`, `'1MB/s'`. */
export type Rate = number | `${number}${'B' | 'KiB' | 'MiB' | 'GiB' | 'kB' | 'MB' | 'GB'}/s`

const milliseconds: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const bytes: Record<string, number> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
}

/** The longest delay that Node's timers can keep, a little under 25 days. */
const MAX_DURATION_MS = 2 ** 31 - 1

/** A duration in milliseconds; throws naming the option for anything else. */
export const parseDuration: Check<number> = (value, name) => {
  const result = quantity(value, milliseconds)
  if (result !== undefined && result <= MAX_DURATION_MS) return result
  throw invalidOption(name, value, "milliseconds from 0 to 24 days, or a string such as '250ms', '5s', '2m' or '1h'")
}

/** A size in whole bytes; throws naming the option for anything else. */
export const parseSize: Check<number> = (value, name) => {
  const result = quantity(value, bytes)
  if (result !== undefined && Number.isSafeInteger(result)) return result
  throw invalidOption(name, value, "whole bytes ≥ 0, or a string such as '512B', '64KiB' or '10MiB'")
}

/** A rate in whole bytes per second; throws naming the option for anything else. */
export const parseRate: Check<number> = (value, name) => {
  const result = quantity(typeof value === 'string' ? withoutPerSecond(value) : value, bytes)
  if (result !== undefined && Number.isSafeInteger(result)) return result
  throw invalidOption(name, value, "whole bytes per second ≥ 0, or a string such as '64KiB/s' or '1MB/s'")
}

/** `undefined` for a size that does not say per what time. */
function withoutPerSecond(rate: string): string | undefined {
  return rate.endsWith('/s') ? rate.slice(0, -2) : undefined
}

function quantity(value: unknown, units: Record<string, number>): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined
  if (typeof value !== 'string') return undefined
  const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]+)$/.exec(value)
  const factor = match && Object.hasOwn(units, match[2] ?? '') ? units[match[2] ?? ''] : undefined
  return factor === undefined ? undefined : mended(Number(match?.[1]) * factor)
}

/** The whole number meant where a product of decimals misses it by a hair: 16.1 * 1000 is 16100.000000000002. */
function mended(product: number): number {
  const whole = Math.round(product)
  return Math.abs(product - whole) <= whole * Number.EPSILON ? whole : product
}
