import type { Session } from './session.ts'
import type { Transfer } from './transfer.ts'

/** Standstill after which an upload still running when its successor is set up counts as given up. */
const GRACE_MS = 100
/** How long such an upload is waited for at most: until it ends, no other command is read, ABOR neither. */
const LIMIT_MS = 2000

/** Whether a transfer is one that its successor should wait for. */
export function isOverlapping({ direction, isGivenUp }: Transfer): boolean {
  return direction === 'received' && !isGivenUp
}

/**
 * Waits a while for an upload whose bytes flow. A client may close its data connection and set up the next one before it
 * has read the 226: what it sent is then all here but not all read, and must not be lost.
 */
export async function finishUpload(session: Session, transfer: Transfer): Promise<void> {
  const { ioloop } = session
  const giveUpMs = ioloop.now() + LIMIT_MS
  let isOver = false
  void transfer.completion.then(() => {
    isOver = true
  })
  const moves = (before: number) => before !== transfer.bytes && ioloop.now() < giveUpMs
  for (let before = -1; moves(before) && !isOver && !session.isGone; ) {
    before = transfer.bytes
    await new Promise<void>((resolve) => {
      const grace = ioloop.callLater(GRACE_MS, resolve)
      void transfer.completion.then(() => {
        grace.cancel()
        resolve()
      })
    })
  }
}
