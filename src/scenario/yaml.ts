import type { Document, LineCounter, Node, Pair, YAMLError } from 'yaml'
import { type EntryPart, ScenarioError, type ScenarioPlace } from './error.ts'
import type { Path } from './issue.ts'
import { yamlKit } from './kit.ts'
import { pathText } from './source.ts'

/** A text that has been read: its value, and where in the text each part of it stands. */
export interface Parsed {
  readonly value: unknown
  readonly place: (path: Path, part?: EntryPart) => ScenarioPlace
}

/** How often one text may be repeated by aliases: enough for people, too little for a bomb. */
const MAX_ALIASES = 100

/** What is wrong, for the mistakes that people make; the reader's own words are for those who know its insides. */
const PROBLEMS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here; a file holds one scenario',
  TAB_AS_INDENT: 'a tab; YAML is indented by spaces',
  NON_STRING_KEY: 'a key has to be text',
  BLOCK_IN_FLOW: 'text with a colon and a space in it; it needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'text with a colon and a space in it; it needs quotes',
}

/** Reads YAML, and JSON as part of it; throws `ScenarioError` with line and column. */
export function parseYaml(text: string, file: string): Parsed {
  const lines = new (yamlKit().LineCounter)()
  const document = read(text, file, lines)
  const { contents } = document
  if (contents === null) throw new ScenarioError({ file, path: '' }, 'is empty; expected a scenario')
  const place = (path: Path, part: EntryPart = 'value'): ScenarioPlace => ({
    file,
    ...lineAndColumn(lines, offsetOf(document, path, part)),
    path: pathText(path),
  })
  check(document, file, lines)
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }), place }
  } catch (error) {
    const problem = error instanceof RangeError ? 'nested too deep' : 'its aliases repeat too much'
    throw new ScenarioError(place([]), problem, { cause: error })
  }
}

/** Throws for what is YAML, but not what somebody can mean: a key that is there twice, an alias of nothing, very many of them. */
function check(document: Document, file: string, lines: LineCounter): void {
  const { isScalar, visit } = yamlKit()
  const refuse = (node: Node, problem: string): never => {
    throw new ScenarioError({ file, ...lineAndColumn(lines, startOf(node) ?? 0), path: '' }, problem)
  }
  let aliases = 0
  visit(document, {
    Alias: (_key, alias) => {
      // To find what one stands for takes a look at all that is before it.
      if (++aliases > MAX_ALIASES) refuse(alias, `expected at most ${MAX_ALIASES} aliases`)
      if (alias.resolve(document) !== undefined) return
      refuse(alias, `there is no anchor "${alias.source}" before this alias; text that begins with * needs quotes`)
    },
    Map: (_key, { items }) => {
      const seen = new Set<string>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        if (seen.has(String(key.value))) refuse(key, 'this key is there already')
        seen.add(String(key.value))
      }
    },
  })
}

function read(text: string, file: string, lines: LineCounter): Document {
  // Whether keys are unique is looked at later: here it would take the square of their number.
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false }
  let document: Document
  try {
    document = yamlKit().parseDocument(text, options)
  } catch (error) {
    // The reader calls itself for each level.
    throw new ScenarioError({ file, path: '' }, 'nested too deep', { cause: error })
  }
  const problem: YAMLError | undefined = document.errors[0] ?? document.warnings[0]
  if (problem === undefined) return document
  const isDeep = /call stack/.test(problem.message)
  const words = isDeep ? 'nested too deep' : (PROBLEMS[problem.code] ?? `no YAML: ${problem.message}`)
  throw new ScenarioError({ file, ...lineAndColumn(lines, problem.pos[0]), path: '' }, words, { cause: problem })
}

function lineAndColumn(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** Where the value at a path begins, or its key; for what is missing, what it is missing from. */
function offsetOf(document: Document, path: Path, part: EntryPart): number {
  let node: Node | null = document.contents
  let offset = startOf(node) ?? 0
  for (const [index, key] of path.entries()) {
    const pair = pairAt(document, node, key)
    if (pair === undefined) break
    const ofKey = startOf(pair.key)
    const wantsKey = part === 'key' && index === path.length - 1
    offset = (wantsKey ? ofKey : startOf(pair.value)) ?? ofKey ?? offset
    node = pair.value
  }
  return offset
}

function pairAt(
  document: Document,
  parent: Node | null,
  name: PropertyKey,
): Pair<Node | null, Node | null> | undefined {
  const { isAlias, isMap, isSeq, isScalar, Pair: PairOf } = yamlKit()
  const node = isAlias(parent) ? (parent.resolve(document) ?? null) : parent
  if (isSeq(node)) {
    const item = node.items[Number(name)] as Node | undefined
    return item && new PairOf<Node | null, Node | null>(null, item)
  }
  if (!isMap(node)) return undefined
  const pairs = node.items as Pair<Node | null, Node | null>[]
  return pairs.find(({ key }) => isScalar(key) && String(key.value) === String(name))
}

function startOf(node: Node | null): number | undefined {
  return node?.range?.[0]
}
