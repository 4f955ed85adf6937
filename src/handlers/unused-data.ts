import type { Session } from './session.ts'

/**
 * Closes the data connection that a refused transfer leaves behind, once the reply is on its way: a reset must not come
 * first. `undefined` where there is none.
 */
export function closeUnusedData({ dataConnection, ioloop }: Session): Promise<void> | undefined {
  const { is } = dataConnection.state
  if (is !== 'listening' && is !== 'open') return undefined
  return ioloop.turn().then(() => dataConnection.close())
}
