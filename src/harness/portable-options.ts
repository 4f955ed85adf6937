import { fileURLToPath } from 'node:url'
import { types } from 'node:util'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { FtpFixtureError } from '../options/error.ts'

/** The first option that is more than data, so that no other thread can take it. */
export function liveOption(options: StartFtpServerOptions): string | undefined {
  return Object.entries(options).find(([, value]) => !(value instanceof URL || isData(value)))?.[0]
}

/** The options as another thread can take them; throws for one that is more than data. */
export function portableOptions(options: StartFtpServerOptions): StartFtpServerOptions {
  const live = liveOption(options)
  if (live !== undefined) {
    const message = `${live}: expected data, found a function or a class in it: the server that tests share runs in another thread`
    throw new FtpFixtureError('ERR_OPTION_INVALID', message)
  }
  const entries = Object.entries(options).map(([name, value]: [string, unknown]) => {
    return [name, value instanceof URL ? fileURLToPath(value) : structuredClone(value)]
  })
  return Object.fromEntries(entries)
}

function isData(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol'
  if (types.isUint8Array(value) || types.isDate(value) || types.isRegExp(value)) return true
  return (Array.isArray(value) || isPlain(value)) && Object.values(value).every(isData)
}

/** Of a class, only the fields would arrive. Objects of other realms are plain as well. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
