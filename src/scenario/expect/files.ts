import { counted, shortened } from '../words.ts'
import type { Evidence, FileEvidence } from './evidence.ts'
import type { Failure } from './failure.ts'
import type { CheckedFile } from './schema.ts'

/** What of files there is a point in showing whole. */
const MOST_SHOWN = 60

/** What is in the files. */
export async function checkFiles(
  expected: Readonly<Record<string, CheckedFile>>,
  evidence: Evidence,
): Promise<Failure[]> {
  const entries = Object.entries(expected)
  const problems = await Promise.all(entries.map(async ([path, file]) => problemOf(file, await evidence.file(path))))
  return entries.flatMap(([path], index) => {
    const problem = problems[index]
    return problem === undefined ? [] : [{ place: `files["${path}"]`, problem }]
  })
}

async function problemOf(expected: CheckedFile, found: FileEvidence | undefined): Promise<string | undefined> {
  const { absent, content, size, sha256 } = expected
  if (absent === true) return found === undefined ? undefined : 'it is there, and should not be.'
  if (found === undefined) return 'it does not exist.'
  if (content === undefined && size === undefined && sha256 === undefined) return undefined
  if (found.isDirectory) return 'it is a directory, not a file.'
  if (size !== undefined && size !== found.size) return `it has ${counted(found.size, 'byte')}, not ${size}.`
  if (content !== undefined) {
    const difference = differenceFrom(Buffer.from(content), await found.content())
    if (difference !== undefined) return difference
  }
  if (sha256 === undefined) return undefined
  const sum = await found.sha256()
  return sum === sha256 ? undefined : `its SHA-256 is ${sum}, not ${sha256}.`
}

/** What of a file is not as expected, in a sentence; `undefined` where nothing is. */
export function differenceFrom(expected: Buffer, found: Buffer): string | undefined {
  if (expected.equals(found)) return undefined
  if (expected.length <= MOST_SHOWN && found.length <= MOST_SHOWN) {
    return `it holds ${JSON.stringify(String(found))}, not ${JSON.stringify(String(expected))}.`
  }
  const at = expected.findIndex((byte, index) => byte !== found[index])
  const first = at === -1 ? expected.length : at
  const shown = (bytes: Buffer) => JSON.stringify(shortened(String(bytes.subarray(first, first + 20))))
  const lengths = `it has ${counted(found.length, 'byte')}, expected ${expected.length}`
  return `${lengths}; from byte ${first} on it goes ${shown(found)}, not ${shown(expected)}.`
}
