import type { AddressInfo, Server } from 'node:net'
import { report } from './report.ts'

await report<Server>(async () => {
  const { createServer } = await import('node:net')
  return {
    start: () =>
      new Promise((resolve) => {
        const server: Server = createServer().listen(0, '127.0.0.1', () => resolve(server))
      }),
    stop: (server) => new Promise((resolve) => server.close(resolve)),
    portOf: (server) => (server.address() as AddressInfo).port,
  }
})
