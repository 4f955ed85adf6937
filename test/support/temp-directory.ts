import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A directory for the files of a test, removed at the end of the block. */
export class TempDirectory {
  readonly path = mkdtempSync(path.join(tmpdir(), 'test-of-cli-'))

  at(name: string): string {
    return path.join(this.path, name)
  }

  write(name: string, content: string): string {
    const file = this.at(name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }

  read(name: string): string {
    return readFileSync(this.at(name), 'utf8')
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true })
  }
}
