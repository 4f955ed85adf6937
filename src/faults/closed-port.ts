import { Acceptor } from '../ioloop/acceptor.ts'

/** Below those that systems give away by themselves: nobody else listens there by chance as long as a client may try. */
const [FIRST_CLOSED, LAST_CLOSED] = [10_000, 30_000] as const
const ATTEMPTS = 100

/** A port that nobody listens on. */
export async function closedPort(host: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = FIRST_CLOSED + Math.floor(Math.random() * (LAST_CLOSED - FIRST_CLOSED))
    const acceptor = new Acceptor({ onAccept: (socket) => socket.destroy() })
    try {
      await acceptor.listen({ host, port, exclusive: true })
      return port
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    } finally {
      acceptor.close()
    }
  }
}
