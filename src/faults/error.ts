import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import type { ZodType } from 'zod'
import { flushed } from '../ioloop/flushed.ts'
import { type Exchange, fault, type Kit } from './fault.ts'
import { type Mark, type MarkText, mark, placeOf } from './marks.ts'
import { endBehind } from './passing.ts'

/** An error of the system that a command meets, and where in its data. */
export interface DiskError {
  readonly code: string
  readonly at?: Mark | undefined
}

/** A disk that fails: with the replies that a real one would bring. */
export const error = fault({
  name: 'error',
  does: 'Fails a command as an error of the system would, ENOSPC or EACCES say; with `at`, a transfer amid its data.',
  needs: 'files',
  schema: (z) =>
    z.union([
      errorCode(z).transform((code): DiskError => ({ code })),
      z.strictObject({
        code: errorCode(z).meta({ description: "The error's name: 'ENOSPC', 'EACCES', 'EIO' …" }),
        at: mark(z).optional().meta({ description: 'Behind how much of the data. Default: before anything is done.' }),
      }),
    ]) as ZodType<DiskError, string | { code: string; at?: MarkText | undefined }>,
  narrowed: ({ at }) => (at === undefined ? 'files' : 'transfer'),
  seams: ({ code, at }, exchange) => {
    if (at === undefined) {
      // Who has not logged in does not get as far as the disk.
      return { command: (obey) => (exchange.session.login.step === 'done' ? fail(code, exchange) : obey()) }
    }
    return {
      data: (flow) => {
        const limit = placeOf(at, flow, exchange)
        return [
          endBehind(limit, async () => {
            if (flow.direction === 'sent') await flushed(flow.socket)
            fail(code, exchange, ` after ${limit} bytes`)
          }),
        ]
      },
    }
  },
})

function fail(code: string, exchange: Exchange, where = ''): never {
  const { verb = '' } = exchange.command ?? {}
  exchange.note(`${exchange.path}: ${code}${where}`)
  // What RNFR named is used up by an RNTO that fails.
  if (verb === 'RNTO') exchange.session.take('renameFrom')
  throw Object.assign(new Error(`${code}: as the scenario says`), { code, errno: errnoOf(code), syscall: verb })
}

function errnoOf(code: string): number {
  const numbers: Readonly<Record<string, number>> = constants.errno
  const [known] = [...getSystemErrorMap()].find(([, [name]]) => name === code) ?? []
  return known ?? -(numbers[code] ?? 0)
}

function errorCode(z: Kit): ZodType<string, string> {
  const known = Object.keys(constants.errno)
  return z.string().refine((code) => known.includes(code), {
    error: "the name of an error of the system, such as 'ENOSPC' or 'EACCES'",
    params: { words: known },
  })
}
