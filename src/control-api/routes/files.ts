import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Kit } from '../../faults/fault.ts'
import type { FixtureFiles } from '../../fixture/files.ts'
import { route } from '../route.ts'
import { pathParameter } from '../schemas.ts'

const pathQuery = (z: Kit) => z.strictObject({ path: pathParameter(z) })

/** The server's files, from the test's side. */
export const fileRoutes = [
  route({
    method: 'GET',
    path: '/files',
    operation: 'listFiles',
    summary: 'The names in a directory, sorted.',
    query: (z) => z.strictObject({ path: pathParameter(z).optional() }),
    answer: { description: 'The names.', json: (z) => z.array(z.string()) },
    refusals: [404, 409],
    run: ({ handle, query }) => handle.files.list(query.path),
  }),
  route({
    method: 'POST',
    path: '/files/reset',
    operation: 'resetFiles',
    summary: 'Puts all files back to what the server started with.',
    answer: { description: 'Done.' },
    refusals: [409],
    run: ({ handle }) => handle.files.reset(),
  }),
  route({
    method: 'GET',
    path: '/file',
    operation: 'readFile',
    summary: 'The bytes of a file.',
    query: pathQuery,
    answer: { description: 'The bytes.', media: { 'application/octet-stream': 'bytes' } },
    refusals: [404, 409],
    run: ({ handle, query }) => contentOf(handle.files, query.path),
  }),
  route({
    method: 'HEAD',
    path: '/file',
    operation: 'hasFile',
    summary: 'Whether there is a file, or a directory.',
    query: pathQuery,
    answer: { description: 'There is.', media: { 'application/octet-stream': 'bytes' } },
    refusals: [404, 409],
    run: async ({ handle, query }) => {
      const isThere = await handle.files.exists(query.path)
      return new Response(null, { status: isThere ? 200 : 404 })
    },
  }),
  route({
    method: 'PUT',
    path: '/file',
    operation: 'writeFile',
    summary: 'Writes a file, and the directories it needs.',
    query: pathQuery,
    body: { is: 'bytes' },
    answer: { description: 'Done.' },
    refusals: [404, 409],
    run: ({ handle, query, body }) => handle.files.write(query.path, body as Buffer),
  }),
  route({
    method: 'DELETE',
    path: '/file',
    operation: 'removeFile',
    summary: 'Removes a file, or a directory with all in it.',
    query: pathQuery,
    answer: { description: 'Nothing is there.' },
    refusals: [404, 409],
    run: ({ handle, query }) => handle.files.remove(query.path),
  }),
]

/** A file as it is read, however large it is. */
async function contentOf(files: FixtureFiles, path: string): Promise<Response> {
  // Without O_NONBLOCK, opening a FIFO would take a thread of the process until somebody opens its other end.
  const file = await open(files.path(path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stats = await file.stat()
    if (stats.isDirectory()) throw Object.assign(new Error(`EISDIR: "${path}" is a directory`), { code: 'EISDIR' })
    if (!stats.isFile()) throw Object.assign(new Error(`EPERM: "${path}" is no regular file`), { code: 'EPERM' })
    // As long as it is now: one that grows meanwhile must not outrun what was said.
    const bytes = stats.size === 0 ? null : file.createReadStream({ end: stats.size - 1 })
    if (bytes === null) await file.close()
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(stats.size) }
    return new Response(bytes === null ? null : (Readable.toWeb(bytes) as ReadableStream), { headers })
  } catch (error) {
    await file.close()
    throw error
  }
}
