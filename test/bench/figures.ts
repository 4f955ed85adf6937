import { isMoreBetter, type Unit } from './row.ts'

/** What one run gave: figures by name, or why it gave none. */
export interface Sample {
  readonly figures: Readonly<Record<string, number>>
  readonly failed?: string
}

/** The middle of some numbers; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = [sorted[middle - 1], sorted[middle]]
  if (sorted.length % 2 === 1 || low === undefined || high === undefined) return high
  return (low + high) / 2
}

/** The median of a figure over the samples that have it. */
export function medianOf(samples: readonly Sample[], figure: string): number | undefined {
  return median(samples.filter(({ failed }) => failed === undefined).flatMap(({ figures }) => figures[figure] ?? []))
}

/** The best of some figures of a unit. */
export function best(unit: Unit, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  return isMoreBetter(unit) ? Math.max(...values) : Math.min(...values)
}

/** How a figure stands against the best one: 1 is as good, more is better, whatever the unit. */
export function ratio(unit: Unit, value: number, against: number | undefined): number | undefined {
  if (against === undefined) return undefined
  const [above, below] = isMoreBetter(unit) ? [value, against] : [against, value]
  return below > 0 ? above / below : undefined
}

/** A number with the digits that mean something. */
export function digits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 10 ? 1 : 2)
}
