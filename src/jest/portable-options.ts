import { fileURLToPath } from 'node:url'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { FtpFixtureError } from '../options/error.ts'

/** The options as another thread can take them; throws for one that is more than data. */
export function portableOptions(options: StartFtpServerOptions): StartFtpServerOptions {
  const entries = Object.entries(options).map(([name, value]: [string, unknown]) => {
    if (value instanceof URL) return [name, fileURLToPath(value)]
    try {
      return [name, structuredClone(value)]
    } catch {
      const message = `${name}: expected data, found a function in it: the server that tests share runs in another thread`
      throw new FtpFixtureError('ERR_OPTION_INVALID', message)
    }
  })
  return Object.fromEntries(entries)
}
