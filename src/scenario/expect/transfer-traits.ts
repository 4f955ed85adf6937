import type { EventOf } from '../../handlers/events.ts'
import { globKit } from '../kit.ts'
import { counted } from '../words.ts'
import type { Evidence } from './evidence.ts'
import type { ByteLimit, CheckedTransfer } from './schema.ts'

type Ended = EventOf<'transfer'>

/** One thing that is said of a transfer: in words, and whether it is so. */
export interface Trait {
  readonly words: string
  isTrueOf(transfer: Ended): boolean | Promise<boolean>
}

/** Whether a transfer is of the file in question, if one is. */
export function aboutPath({ path }: CheckedTransfer): (transfer: Ended) => boolean {
  if (path === undefined) return () => true
  const matches = globKit()(path, { dot: true, keepQuotes: true })
  return (transfer) => matches(transfer.path)
}

/** All that is said of a transfer. */
export function traitsOf(expected: CheckedTransfer, evidence: Evidence): Trait[] {
  const { path, verb, direction, complete, bytes, sha256, resumed } = expected
  const traits: Trait[] = []
  const say = (words: string, isTrueOf: Trait['isTrueOf']) => void traits.push({ words, isTrueOf })
  if (path !== undefined) say(`of ${path}`, aboutPath(expected))
  if (verb !== undefined) say(`by ${verb}`, (transfer) => transfer.verb === verb.toUpperCase())
  if (direction !== undefined) say(direction, (transfer) => transfer.direction === direction)
  if (complete !== undefined) {
    say(complete ? 'complete' : 'not complete', ({ outcome }) => (outcome === 'completed') === complete)
  }
  if (bytes !== undefined) {
    say(`${bytes.is === '=' ? '' : bytes.is}${counted(bytes.bytes, 'byte')}`, (transfer) =>
      isWithin(transfer.bytes, bytes),
    )
  }
  if (resumed !== undefined) say(resumed ? 'resumed' : 'not resumed', (transfer) => isResumed(transfer) === resumed)
  if (sha256 !== undefined) {
    say(`SHA-256 ${sha256}`, async (transfer) => {
      const file = await evidence.fileOf(transfer)
      return file !== undefined && !file.isDirectory && (await file.sha256()) === sha256
    })
  }
  return traits
}

function isResumed({ verb, restartMarker }: Ended): boolean {
  return verb === 'APPE' || restartMarker > 0
}

function isWithin(count: number, { is, bytes }: ByteLimit): boolean {
  switch (is) {
    case '=':
      return count === bytes
    case '>=':
      return count >= bytes
    case '<=':
      return count <= bytes
    case '>':
      return count > bytes
    case '<':
      return count < bytes
  }
}
