import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { BufferPool } from '../../src/handlers/buffer-pool.ts'
import { sendDirect } from '../../src/handlers/direct.ts'
import { startFtpServer } from '../../src/index.ts'
import { turn } from '../../src/ioloop/clock.ts'

test.each([0, 5_000_000])(
  'sending %d bytes over a connection that is gone already fails, rather than never ending',
  async (size) => {
    await using ftp = await startFtpServer({ files: { 'a.bin': { size } } })
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const client = connect((listener.address() as { port: number }).port, '127.0.0.1')
    const [socket] = (await once(listener, 'connection')) as [Socket]
    socket.destroy()
    const fd = openSync(ftp.files.path('a.bin'), 'r')
    const transfer = { buffers: new BufferPool(), bufferSize: 65_536, progress: () => {}, turn }
    // From its end on there is nothing left to send, and the connection is only shut down.
    for (const start of [size, 0]) {
      await expect(sendDirect(socket, { fd, size, start }, transfer)).rejects.toThrow()
    }
    closeSync(fd)
    client.destroy()
    listener.close()
    await once(listener, 'close')
  },
)
