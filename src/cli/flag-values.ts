import { type Check, invalidOption, wholeNumber } from '../options/check.ts'
import { parseDuration, parseRate } from '../options/units.ts'
import { serverChecks } from '../servers/options.ts'

/** A number in digits; anything else is left for the check to refuse. */
export function number(from: number, to?: number): (text: string, flag: string) => number {
  return (text, flag) => wholeNumber(from, to)(/^\d+$/.test(text) ? Number(text) : text, flag)
}

/** A duration with a unit: on a command line, a mere number might be meant as seconds. */
export function duration(text: string, flag: string): number {
  if (text === '0') return 0
  return attempt(parseDuration, text, flag, "a time such as '250ms', '5s', '2m' or '1h', or 0")
}

/** A rate of bytes, with its unit unless it is bytes. */
export function rate(text: string, flag: string): number {
  if (/^\d+$/.test(text)) return parseRate(Number(text), flag)
  return attempt(parseRate, text, flag, "bytes per second, or a rate such as '64KiB/s' or '1MB/s'")
}

function attempt<T>(check: Check<T>, text: string, flag: string, expected: string): T {
  try {
    return check(text, flag)
  } catch {
    throw invalidOption(flag, text, expected)
  }
}

/** A range of ports. */
export function range(text: string, flag: string): { from: number; to: number } {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? []
  if (from === undefined) throw invalidOption(flag, text, "two ports, such as '8000-9000'")
  const ports = { from: Number(from), to: Number(to) }
  serverChecks.passivePorts(ports, flag)
  return ports
}
