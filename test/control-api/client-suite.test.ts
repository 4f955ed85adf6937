import { describe } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { ControlledServer } from '../support/controlled-server.ts'
import { type Held, handleSuite } from '../support/handle-suite.ts'

describe('a server of this thread', () => {
  handleSuite(async (options) => {
    const ftp = await startFtpServer(options)
    return { ftp, end: () => ftp.stop(), [Symbol.asyncDispose]: async () => void (await ftp.stop()) }
  })
})

describe('a server of another process', () => {
  handleSuite(async (options) => held(await ControlledServer.start(options)))
})

async function held(server: ControlledServer): Promise<Held> {
  const ftp = await server.connect()
  return {
    ftp,
    end: () => ftp.shutdown(),
    [Symbol.asyncDispose]: async () => {
      await ftp.stop()
      await server[Symbol.asyncDispose]()
    },
  }
}
