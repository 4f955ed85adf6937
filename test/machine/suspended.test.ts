import { test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'

/** Has this whole process stand still, as a debugger or a suspended machine does. */
function halt(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

const LIMIT_MS = 400
const HALT_MS = 1000

/** Resolves when the kernel has what was written. */
function written(client: RawClient, line: string): Promise<void> {
  return new Promise((resolve) => client.socket.write(`${line}\r\n`, () => resolve()))
}

test('a client that spoke in time is not taken for a silent one, however long the process was halted', async () => {
  await using ftp = await startFtpServer({ timeout: LIMIT_MS })
  await using client = await RawClient.login(ftp)
  for (let round = 0; round < 3; round++) {
    const sent = written(client, 'NOOP')
    halt(HALT_MS)
    await sent
    await client.expect(200)
  }
})
