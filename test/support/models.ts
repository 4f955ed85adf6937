import { once } from 'node:events'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import type { FtpEvent, SpawningServerOptions } from '../../src/server.ts'
import { type Tree, tempTree } from '../filesystems/temp-tree.ts'
import type { RawClient } from './raw-client.ts'

type Library = typeof import('../../src/server.ts')

/** The classes that have a worker for each connection. */
export type Model = 'ThreadedFTPServer' | 'MultiprocessFTPServer'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The package as it is built: a worker cannot load its TypeScript. */
export const commonJs: Library = createRequire(import.meta.url)(path.join(root, 'dist-cjs/server.js')) as Library

/** A file of test/support/worker-parts. */
export function partsNamed(name: string): URL {
  return new URL(`./worker-parts/${name}`, import.meta.url)
}

export const CERTIFICATE: string = fileURLToPath(new URL('./certificate.pem', import.meta.url))

/** A running server with workers, and what it told. */
export class ModelServer {
  readonly server: InstanceType<Library[Model]>
  readonly events: FtpEvent[]
  /** The directory that the user sees. */
  readonly root: string

  private constructor(server: InstanceType<Library[Model]>, events: FtpEvent[], directory: string) {
    this.server = server
    this.events = events
    this.root = directory
  }

  /** Starts a server over a directory of its own; `tls` makes its handler one that speaks TLS. */
  static async start(
    model: Model,
    options: SpawningServerOptions & { readonly files?: Tree; readonly tls?: boolean; readonly host?: string } = {},
    parts = 'parts.mjs',
  ): Promise<ModelServer> {
    const { files, tls, host = '127.0.0.1', ...rest } = options
    const directory = await tempTree(files)
    const events: FtpEvent[] = []
    const server = new commonJs[model]({ host }, partsNamed(parts), {
      data: { root: directory, tls },
      onEvent: (event) => events.push(event),
      ...(tls && { certfile: CERTIFICATE }),
      ...rest,
    })
    await server.listen()
    return new ModelServer(server, events, directory)
  }

  get host(): string {
    return this.server.address.host
  }

  get port(): number {
    return this.server.address.port
  }

  /** Resolves with the first event that a condition holds for. */
  async event<T extends FtpEvent['type']>(type: T, session?: number): Promise<Extract<FtpEvent, { readonly type: T }>> {
    const found = () => this.events.find((event) => event.type === type && (session ?? event.session) === event.session)
    const event = await vi.waitUntil(found, { timeout: 10_000, interval: 2 })
    return event as Extract<FtpEvent, { readonly type: T }>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.closeAll()
  }
}

/** Leaves, and waits for the server to have closed. */
export async function quit(client: RawClient): Promise<void> {
  await client.command('QUIT', 221)
  await client.closed()
  client.socket.destroy()
  if (!client.socket.closed) await once(client.socket, 'close')
}
