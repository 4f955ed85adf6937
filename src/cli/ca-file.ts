import { writeFile } from 'node:fs/promises'
import { FtpFixtureError } from '../options/error.ts'
import { temporaryFile } from './temporary-file.ts'

/** The certificate of the throw-away authority, in a file for clients. */
export interface CaFile {
  readonly path: string | undefined
  remove(): Promise<void>
}

/** Writes a certificate where it is asked for, or else into a temp file; without one, there is no file. */
export async function writeCaFile(certificate: string | undefined, wanted: string | undefined): Promise<CaFile> {
  if (certificate === undefined) return { path: undefined, remove: async () => {} }
  try {
    const file = wanted === undefined ? await temporaryFile('ca.pem') : { path: wanted, remove: async () => {} }
    await writeFile(file.path, certificate)
    return file
  } catch (error) {
    const where = wanted === undefined ? 'a temp file' : `"${wanted}"`
    const message = `cannot write the certificate to ${where}: ${(error as Error).message}`
    throw new FtpFixtureError('ERR_DIRECTORY_UNUSABLE', message, { cause: error })
  }
}
