import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Root, temporaryRoot } from '../fixture/root.ts'

/** Writes the certificate that clients are to trust into a temp file, for those that read it from one. */
export async function caFile(certificate: string): Promise<Root> {
  const { path: directory, remove } = await temporaryRoot()
  const file = path.join(directory, 'ca.pem')
  await writeFile(file, certificate)
  return { path: file, remove }
}
