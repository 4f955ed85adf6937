import { writeFile } from 'node:fs/promises'
import { removeTemporaryRoots } from '../fixture/root.ts'
import { FtpFixtureError } from '../options/error.ts'

/** A file that is there for a while, and how it goes away again. */
export interface TemporaryFile {
  readonly path: string
  remove(): Promise<void>
}

/** Writes a temp file that only its owner can read. */
export async function temporaryFile(postfix: string, content: string): Promise<TemporaryFile> {
  const { file } = (await import('tmp-promise')).default
  try {
    const { path, cleanup } = await file({ prefix: 'ftp-fixture', postfix, discardDescriptor: true })
    await writeFile(path, content)
    return { path, remove: () => cleanup().catch((error) => fail(`remove the temp file "${path}"`, error)) }
  } catch (error) {
    return fail('write a temp file', error)
  }
}

/** Has temp files and directories that are still there removed when the process exits, however early that is. */
export async function removeTemporaryAtExit(): Promise<void> {
  const { setGracefulCleanup } = (await import('tmp-promise')).default
  setGracefulCleanup()
  process.once('exit', removeTemporaryRoots)
}

function fail(what: string, cause: unknown): never {
  throw new FtpFixtureError('ERR_DIRECTORY_UNUSABLE', `cannot ${what}: ${(cause as Error).message}`, { cause })
}
