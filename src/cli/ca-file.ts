import { writeFile } from 'node:fs/promises'
import { type TemporaryFile, temporaryFile } from '../harness/temporary-file.ts'
import { UsageError } from './errors.ts'

/** Writes the certificate of the throw-away authority, for clients, where it is asked for or else into a temp file. */
export async function writeCaFile(certificate: string, wanted: string | undefined): Promise<TemporaryFile> {
  if (wanted === undefined) return temporaryFile('ca.pem', certificate)
  try {
    await writeFile(wanted, certificate)
  } catch (error) {
    throw new UsageError(`--ca-file: cannot write "${wanted}": ${(error as Error).message}`, { cause: error })
  }
  return { path: wanted, remove: async () => {} }
}
