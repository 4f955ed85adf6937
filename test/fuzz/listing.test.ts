import fc from 'fast-check'
import { expect } from 'vitest'
import {
  FACTS,
  type FactEntry,
  type FactType,
  formatFactFeature,
  formatFacts,
  selectFacts,
} from '../../src/protocol/facts.ts'
import { formatMode, formatNameLine, type ListEntry, ListWriter } from '../../src/protocol/listing.ts'
import { formatReply, harmless, reply } from '../../src/protocol/reply.ts'
import { parseTimeValue } from '../../src/protocol/time.ts'
import { TimeWriter } from '../../src/protocol/time-writer.ts'
import { anyText, fileName } from './inputs.ts'
import { holds } from './runs.ts'

const modifiedMs = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) })
const count = fc.nat(Number.MAX_SAFE_INTEGER)
const mode = fc.nat(0o177777)
const factType = fc.constantFrom<FactType>('file', 'dir', 'cdir', 'pdir', 'OS.unix=slink', 'OS.unix=special')
const factEntry: fc.Arbitrary<FactEntry> = fc.record({
  type: factType,
  perm: fc.subarray([...'adfrw']).map((letters) => letters.join('')),
  size: fc.option(count, { nil: undefined }),
  modifiedMs,
  createdMs: fc.option(modifiedMs, { nil: undefined }),
  unique: fc.option(fc.stringMatching(/^[0-9a-f]+g[0-9a-f]+$/), { nil: undefined }),
  mode,
  uid: fc.nat(),
  gid: fc.nat(),
})
const facts = fc.subarray([...FACTS])
const listEntry: fc.Arbitrary<ListEntry> = fc.record({
  name: fileName,
  mode,
  linkCount: fc.nat(70_000),
  owner: fc.stringMatching(/^[a-z_][a-z0-9_-]{0,31}$/),
  group: fc.stringMatching(/^[a-z_][a-z0-9_-]{0,31}$/),
  size: count,
  modifiedMs,
  linkTarget: fc.option(fileName, { nil: undefined }),
})

/** RFC 3659 §7.2, to the letter: facts up to the first space, then the name with any others it has. */
function readFacts(line: string) {
  const space = line.indexOf(' ')
  const pairs = line
    .slice(0, space)
    .split(';')
    .slice(0, -1)
    .map((fact) => [fact.slice(0, fact.indexOf('=')), fact.slice(fact.indexOf('=') + 1)])
  return { facts: Object.fromEntries(pairs) as Partial<Record<string, string>>, name: line.slice(space + 1) }
}

holds(
  'a client reads from the facts what the server knows',
  fc.property(factEntry, fileName, facts, (entry, name, selected) => {
    const line = formatFacts(entry, name, selected, new TimeWriter(true))
    expect(line).not.toMatch(/[\r\n\0]/)
    const read = readFacts(line)
    expect(read.name).toBe(harmless(name))
    const { size, modify, unique, perm, type } = read.facts
    const has = (fact: (typeof FACTS)[number]) => selected.includes(fact)
    expect(type).toBe(has('type') ? entry.type : undefined)
    expect(perm).toBe(has('perm') ? entry.perm : undefined)
    expect(unique).toBe(has('unique') ? entry.unique : undefined)
    expect(size).toBe(has('size') && entry.size !== undefined ? String(entry.size) : undefined)
    if (modify !== undefined) expect(parseTimeValue(modify, true)).toBe(Math.floor(entry.modifiedMs / 1000) * 1000)
    const unixMode = read.facts['unix.mode']
    if (unixMode !== undefined) expect(Number.parseInt(unixMode, 8)).toBe(entry.mode & 0o7777)
  }),
)

holds(
  'OPTS MLST selects what FEAT then marks, and selects it again',
  fc.property(facts, anyText, fc.nat(), (selected, stray, at) => {
    const words: string[] = selected.map((fact) => fact.toUpperCase())
    words.splice(at % (words.length + 1), 0, stray.replaceAll(';', ''))
    const isFact = FACTS.some((fact) => fact === stray.replaceAll(';', '').trim().toLowerCase())
    fc.pre(!isFact)
    const found = selectFacts(words.join(';'))
    expect(found).toEqual(FACTS.filter((fact) => selected.includes(fact)))
    const marked = [...formatFactFeature(found).matchAll(/([\w.]+)\*;/g)].map(([, fact]) => fact)
    expect(marked).toEqual(found)
    expect(selectFacts(`${found.join(';')};`)).toEqual(found)
  }),
)

/** As most clients read a line of `ls -l`: by its columns, the name being all that is left. */
const LS = /^([-a-z?])([-rwxsStT]{9}) +(\d+) +(\S+) +(\S+) +(\d+) (\w{3}) (\d\d) (\d\d:\d\d| \d{4}) (.+)\r\n$/s

holds(
  'a client reads from a line of LIST what the server knows',
  fc.property(fc.array(listEntry, { minLength: 1, maxLength: 5 }), modifiedMs, (entries, now) => {
    const writer = new ListWriter(true)
    for (const entry of entries) {
      const line = writer.line(entry, now)
      expect(line.slice(0, -2)).not.toMatch(/[\r\n\0]/)
      const [, type, letters, links, owner, group, size, , , , name] = LS.exec(line) ?? []
      expect(`${type}${letters}`).toBe(formatMode(entry.mode))
      expect([links, owner, group, size]).toEqual([
        String(entry.linkCount),
        entry.owner,
        entry.group,
        String(entry.size),
      ])
      const shown = entry.linkTarget === undefined ? entry.name : `${entry.name} -> ${entry.linkTarget}`
      expect(name).toBe(harmless(shown))
      expect(line).toBe(new ListWriter(true).line(entry, now))
    }
  }),
)

holds(
  'permission letters read back to the bits',
  fc.property(mode, (mode) => {
    const letters = formatMode(mode)
    const bits = [...letters.slice(1)].map((letter) => (/[-ST]/.test(letter) ? 0 : 1))
    expect(Number.parseInt(bits.join(''), 2)).toBe(mode & 0o777)
    expect([3, 6, 9].map((at) => /[sStT]/.test(letters[at] ?? ''))).toEqual(
      [0o4000, 0o2000, 0o1000].map((bit) => (mode & bit) !== 0),
    )
  }),
)

holds(
  'a name takes one line of NLST',
  fc.property(anyText, (name) => {
    expect(formatNameLine(name)).toBe(`${name.replaceAll(/[\r\n\0]/g, '?')}\r\n`)
  }),
)

/** RFC 959 §4.2: lines up to the one that begins with the code and a space. */
function repliesIn(text: string): string[][] {
  const found: string[][] = []
  let open: string[] | undefined
  for (const line of text.split('\r\n').slice(0, -1)) {
    open ??= []
    open.push(line)
    const code = open[0]?.slice(0, 3)
    if (open.length === 1 ? line[3] !== '-' : line.startsWith(`${code} `)) {
      found.push(open)
      open = undefined
    }
  }
  return found
}

holds(
  'a reply is one reply to a client, whatever is in its text',
  fc.property(
    fc.array(fc.oneof(anyText, fc.constantFrom('213 x', '213-x', '213', ' 213 x')), { minLength: 1 }),
    (lines) => {
      const [first = '', ...others] = lines
      const text = formatReply(reply(213, first, ...others))
      expect(repliesIn(text)).toHaveLength(1)
      expect(text.split('\r\n')).toHaveLength(lines.length + 1)
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/)
    },
  ),
)
