import { readFileSync, statSync } from 'node:fs'
import { ScenarioError } from './error.ts'

/** More than anybody writes by hand; a scenario's large files are described, not spelt out. */
const MAX_BYTES = 1024 * 1024

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not in UTF-8',
}

/** The text of a scenario's file; throws `ScenarioError` where it cannot be had. */
export function readText(file: string, shown: string): string {
  try {
    const stats = statSync(file)
    if (stats.isDirectory()) throw unreadable(shown, 'it is a directory')
    if (!stats.isFile()) throw unreadable(shown, 'it is no regular file')
    if (stats.size > MAX_BYTES) throw unreadable(shown, 'it is larger than 1 MiB')
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    if (error instanceof ScenarioError) throw error
    const { code = '', message } = error as NodeJS.ErrnoException
    const where = shown === file ? '' : ` (${file})`
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
    const reason = isMissing ? `there is no such file${where}` : (REASONS[code] ?? message)
    throw unreadable(shown, reason, { cause: error })
  }
}

function unreadable(file: string, reason: string, options?: ErrorOptions): ScenarioError {
  return new ScenarioError({ file, path: '' }, `cannot be read as a scenario: ${reason}`, options)
}
