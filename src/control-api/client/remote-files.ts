import path from 'node:path'
import type { FixtureFiles } from '../../fixture/files.ts'
import { innerPath } from '../../fixture/tree.ts'
import { FtpFixtureError } from '../../options/error.ts'
import type { ControlClient, ControlRequest } from './control-client.ts'

/** The files of a server elsewhere. */
export class RemoteFiles implements FixtureFiles {
  readonly #client: ControlClient
  readonly #root: string

  constructor(client: ControlClient, root: string) {
    this.#client = client
    this.#root = root
  }

  path(file: string): string {
    this.#client.checkOpen(fileRequest('GET', file))
    const inner = innerPath(file)
    if (inner !== undefined) return path.join(this.#root, inner)
    throw new FtpFixtureError('ERR_FILE_OUTSIDE_ROOT', `"${file}" is outside the server's root`)
  }

  async write(file: string, content: string | Uint8Array): Promise<void> {
    const request = fileRequest('PUT', file)
    // Anything else is refused here: nothing at all would be an empty file there.
    this.#client.valueOf(request, await this.#client.send(request, Buffer.from(content as string)))
  }

  async read(file: string): Promise<Buffer>
  async read(file: string, encoding: BufferEncoding): Promise<string>
  async read(file: string, encoding?: BufferEncoding): Promise<Buffer | string> {
    const request = fileRequest('GET', file)
    const answer = await this.#client.send(request)
    if (answer.status >= 400) this.#client.valueOf(request, answer)
    return encoding === undefined ? answer.body : answer.body.toString(encoding)
  }

  list(directory = '/'): Promise<string[]> {
    return this.#client.call({ method: 'GET', path: '/files', query: { path: directory } })
  }

  async exists(file: string): Promise<boolean> {
    // An answer to HEAD cannot say what is wrong with a path.
    this.path(file)
    const request = fileRequest('HEAD', file)
    const answer = await this.#client.send(request)
    if (answer.status !== 404) {
      this.#client.valueOf(request, answer)
      return true
    }
    // Nor whether it is the lane that is not there.
    if (this.#client.address.lane !== undefined) await this.#client.call({ method: 'GET', path: '/server' })
    return false
  }

  remove(file: string): Promise<void> {
    return this.#client.call(fileRequest('DELETE', file))
  }

  reset(): Promise<void> {
    return this.#client.call({ method: 'POST', path: '/files/reset' })
  }
}

function fileRequest(method: ControlRequest['method'], file: string): ControlRequest {
  const headers = method === 'PUT' ? { 'content-type': 'application/octet-stream' } : {}
  return { method, path: '/file', query: { path: file }, headers }
}
