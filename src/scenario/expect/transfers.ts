import { describeEvent, visible } from '../../handlers/event-text.ts'
import type { EventOf } from '../../handlers/events.ts'
import { listed, shortened } from '../words.ts'
import type { Evidence } from './evidence.ts'
import type { Failure, Mark } from './failure.ts'
import type { CheckedTransfer, Range } from './schema.ts'
import { aboutPath, type Trait, traitsOf } from './transfer-traits.ts'

type Ended = EventOf<'transfer'>

const ONE_AT_LEAST: Range = { min: 1, max: Number.POSITIVE_INFINITY }

/** Which transfers there were. */
export async function checkTransfers(expected: readonly CheckedTransfer[], evidence: Evidence): Promise<Failure[]> {
  const ended = evidence.events.filter((event): event is Ended => event.type === 'transfer')
  const failures = expected.map((one, index) => missed(one, `transfers[${index}]`, ended, evidence))
  return (await Promise.all(failures)).flat()
}

async function missed(
  expected: CheckedTransfer,
  place: string,
  ended: readonly Ended[],
  evidence: Evidence,
): Promise<Failure[]> {
  const traits = traitsOf(expected, evidence)
  const wanted = traits.length === 0 ? 'a transfer' : `a transfer (${inWords(traits)})`
  const about = ended.filter(aboutPath(expected))
  const judged = await Promise.all(
    about.map(async (transfer) => ({ transfer, lacking: await lackedBy(transfer, traits) })),
  )
  const met = judged.filter(({ lacking }) => lacking.length === 0).map(({ transfer }) => transfer)
  const { min, max } = expected.times ?? ONE_AT_LEAST
  if (met.length > max) return [tooMany(wanted, place, met, max)]
  if (met.length >= min) return []
  const there = met.length === 0 ? 'there was none' : `there ${are(met.length)}`
  const amount = min === 1 ? there : `${there}, expected ${min}`
  const [nearest] = judged
    .filter(({ lacking }) => lacking.length > 0)
    .sort((a, b) => a.lacking.length - b.lacking.length)
  if (nearest === undefined) {
    const mark: Mark = { text: `expected by here: ${wanted}`, side: 'behind' }
    return [{ place, problem: `${wanted}: ${amount}; ${others(ended)}${elsewhere(expected, ended)}.`, marks: [mark] }]
  }
  const { transfer, lacking } = nearest
  const mark: Mark = { text: `expected: ${inWords(lacking)}`, event: transfer, side: 'behind' }
  const near = shortened(describeEvent(transfer), 160)
  return [
    { place, problem: `${wanted}: ${amount}; near is "${near}", but expected: ${inWords(lacking)}.`, marks: [mark] },
  ]
}

async function lackedBy(transfer: Ended, traits: readonly Trait[]): Promise<Trait[]> {
  const holds = await Promise.all(traits.map((trait) => trait.isTrueOf(transfer)))
  return traits.filter((_, index) => !holds[index])
}

function inWords(traits: readonly Trait[]): string {
  return traits.map(({ words }) => words).join(', ')
}

function others(ended: readonly Ended[]): string {
  if (ended.length === 0) return 'there was no transfer at all'
  const texts = [...new Set(ended.map(({ verb, path }) => `${verb} of ${shortened(visible(path))}`))]
  return `the transfers were ${listed(texts)}`
}

/** A hint where a file of that name was transferred in a directory: arguments of commands are matched across `/`, paths are not. */
function elsewhere({ path = '' }: CheckedTransfer, ended: readonly Ended[]): string {
  if (path.lastIndexOf('/') !== 0) return ''
  const anywhere = `**${path}`
  const met = ended.find(aboutPath({ path: anywhere }))
  if (met === undefined) return ''
  return `${path.includes('*') ? '; "*" stops at "/"' : ''}; ${anywhere} would be met by ${shortened(visible(met.path))}`
}

function tooMany(wanted: string, place: string, met: readonly Ended[], max: number): Failure {
  const text = max === 0 ? 'transferred, though it should not have been' : 'one too many'
  const marks = met.slice(max).map((event): Mark => ({ text, event, side: 'behind' }))
  return {
    place,
    problem: `${wanted}: there ${are(met.length)}, expected ${max === 0 ? 'none' : `${max} at most`}.`,
    marks,
  }
}

function are(count: number): string {
  return count === 1 ? 'was 1' : `were ${count}`
}
