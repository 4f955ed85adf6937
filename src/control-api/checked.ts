import type { ZodType } from 'zod'
import { FtpFixtureError } from '../options/error.ts'
import type { EntryPart, ScenarioPlace } from '../scenario/error.ts'
import { type Path, problemOf } from '../scenario/issue.ts'
import { expectation } from '../scenario/issue-text.ts'

/** What a schema makes of a value; throws `ERR_OPTION_UNKNOWN` or `ERR_OPTION_INVALID`, which names the place. */
export function checked<T>(
  schema: ZodType<T>,
  value: unknown,
  place: (path: Path, part?: EntryPart) => ScenarioPlace,
): T {
  const result = schema.safeParse(value, { error: expectation })
  if (result.success) return result.data
  const { path, part, text } = problemOf(result.error.issues, value)
  const { file, line, column, path: key } = place(path, part)
  const where = [line === undefined ? file : `${file}:${line}:${column}`, key].filter((word) => word !== '').join(': ')
  throw new FtpFixtureError(part === 'key' ? 'ERR_OPTION_UNKNOWN' : 'ERR_OPTION_INVALID', `${where}: ${text}`)
}
