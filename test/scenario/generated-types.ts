import { jsonSchemaOf } from '../../src/scenario/json-schema.ts'

/** What is of interest of a JSON Schema. */
interface Node {
  readonly description?: string
  readonly $ref?: string
  readonly const?: string
  readonly enum?: readonly string[]
  readonly anyOf?: readonly Node[]
  readonly type?: string | readonly string[]
  readonly items?: Node
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Node
  readonly $defs?: Readonly<Record<string, Node>>
}

/** What JSON Schema does not show, such as units, functions and names to complete; and what goes by another name there. */
const BY_HAND: Readonly<Record<string, string>> = {
  '#/$defs/Verb': 'Suggested<KnownVerb>',
  '#/$defs/CommandPattern': 'Suggested<KnownVerb>',
  '#/$defs/Mark': 'MarkText',
  '#/$defs/Faults': 'Then',
  '#/$defs/Content': 'ContentText',
  '#/$defs/Reply': 'ReplyText',
  '#/$defs/Replies': 'RepliesText',
  'Scenario.extends': 'Suggested<BuiltInScenario> | readonly Suggested<BuiltInScenario>[]',
  'Scenario.options': 'ScenarioOptions',
  'Scenario.files': 'ScenarioFiles',
  'Rule.then': 'Then | readonly Then[] | RunFunction',
  'Then.run': 'RunFunction',
  'ScenarioFile.modified': 'Date | number | string',
  'ExpectedTransfer.bytes': 'ByteLimitText',
  'ExpectedTransfer.verb': 'Suggested<KnownVerb>',
}

/** Where the types come from that are not in the same file. */
const SOURCES: readonly (readonly [from: string, ...types: string[]])[] = [
  ['../../options/units.ts', 'Duration', 'Size', 'Rate'],
  ['../../options/suggested.ts', 'Suggested'],
  ['../../faults/marks.ts', 'MarkText'],
  ['../../faults/run.ts', 'RunFunction'],
  ['../start-schema.ts', 'ScenarioOptions', 'ScenarioFiles'],
  ['../expect/schema.ts', 'ByteLimitText'],
  ['./names.ts', 'BuiltInScenario', 'KnownVerb'],
  ['./said.ts', 'ContentText', 'RepliesText'],
  ['./then.ts', 'Then'],
  ['./expectation.ts', 'Expectation'],
]

const schema = jsonSchemaOf('code') as Node
const { users, files, rules, expect } = schema.properties ?? {}
const [, byPath] = files?.anyOf?.[0]?.anyOf ?? []
const [, commands] = expect?.properties?.commands?.anyOf ?? []
const { transfers, files: expectedFiles, sessions } = expect?.properties ?? {}
const { Faults, Content, Reply, Replies } = schema.$defs ?? {}

type Declared = readonly [name: string, does: string, node: Node | undefined]

const FILES: Readonly<Record<string, readonly Declared[]>> = {
  scenario: [
    [
      'Scenario',
      'A way for a server to misbehave, what it starts with for that, and what a client should make of it.',
      schema,
    ],
    ['Rule', 'One thing that a server does wrong, and when.', rules?.items],
    ['When', 'When a rule applies; every field may be left out.', rules?.items?.properties?.when],
    ['ScenarioUser', 'Somebody who may log in.', users?.items],
    [
      'ScenarioFile',
      'A file of a scenario, with more to it than its text; a link where it has `link`.',
      objectIn(byPath?.additionalProperties),
    ],
  ],
  then: [['Then', 'The settings of each fault, as a rule gives them; several are done in the order written.', Faults]],
  said: [
    ['ContentText', 'Content as scenarios write it: text, bytes in Base64, or bytes that look random.', Content],
    ['RepliesText', "Replies as scenarios write them: one, several that go out in one segment, or 'none'.", Replies],
    ['ReplyText', 'A scripted reply as scenarios write it; text alone is a reply.', Reply],
  ],
  expectation: [
    ['Expectation', 'What a client should have done by the end, as scenarios and tests write it.', expect],
    ['ExpectedCommands', 'Commands that came, or did not.', commands],
    ['ExpectedTransfer', 'What a transfer was like.', transfers?.items],
    ['ExpectedFile', 'What a file is like by the end.', objectIn(expectedFiles?.additionalProperties)],
    ['HowMany', 'From how many to how many.', sessions?.anyOf?.[1]],
  ],
}

const declared = Object.values(FILES).flat()
const names = new Map(declared.map(([name, , node]) => [JSON.stringify(node), name]))

/** The sources of the types that scenarios are written with, by file: src/scenario/written/*.ts. */
export function typesSources(): [file: string, source: string][] {
  return Object.entries(FILES).map(([file, types]) => {
    const body = types.map(declaration).join('\n')
    const code = body.replace(/\/\*\*.*?\*\//g, '')
    const isForeign = (name: string) =>
      new RegExp(`\\b${name}\\b`).test(code) && !types.some(([declared]) => declared === name)
    const imports = SOURCES.map(([from, ...all]) => [from, all.filter(isForeign)] as const)
      .filter(([, used]) => used.length > 0)
      .map(([from, used]) => `import type { ${used.join(', ')} } from '${from}'\n`)
    return [`${file}.ts`, `${imports.join('')}\n// \`npm run schema\` writes this file.\n\n${body}`]
  })
}

function declaration([name, does, node]: Declared): string {
  if (node === undefined) throw new Error(`the schema has no ${name}`)
  const head = `${comment(does)}export`
  return node.properties === undefined
    ? `${head} type ${name} = ${structure(node, name)}\n`
    : `${head} interface ${name} ${structure(node, name)}\n`
}

/** JSDoc is Markdown: globs in it are code, lest their asterisks stress something. */
function comment(text: string): string {
  if (text.includes('*/')) throw new Error(`no comment can say ${text}`)
  return `/** ${text.replace(/\[[^\]]*\*.*?\]|(?<!\w)'[^']*\*[^']*'/g, '`$&`')} */\n`
}

function objectIn(node: Node | undefined): Node | undefined {
  return node?.properties === undefined ? node?.anyOf?.map(objectIn).find((each) => each !== undefined) : node
}

/** The type at a place, by its name where it has one. */
function typeOf(node: Node, place: string): string {
  const { $ref } = node
  const given = BY_HAND[place] ?? BY_HAND[$ref ?? ''] ?? $ref?.split('/').at(-1)
  return given ?? names.get(JSON.stringify(node)) ?? structure(node, place)
}

function structure(node: Node, place: string): string {
  if (node.anyOf !== undefined) return node.anyOf.map((each) => typeOf(each, place)).join(' | ')
  if (node.const !== undefined) return `'${node.const}'`
  if (node.enum !== undefined) return node.enum.map((each) => `'${each}'`).join(' | ')
  if (node.properties !== undefined) return `{\n${members(node, place)}}`
  if (node.items !== undefined) return `readonly (${typeOf(node.items, place)})[]`
  if (node.additionalProperties !== undefined)
    return `Readonly<Record<string, ${typeOf(node.additionalProperties, place)}>>`
  return [node.type].flat().map(primitive).join(' | ')
}

function primitive(type: string | undefined): string {
  const known = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean' }[type ?? '']
  if (known === undefined) throw new Error(`there is no type for ${type}`)
  return known
}

function members({ properties = {}, required = [] }: Node, place: string): string {
  return Object.entries(properties)
    .map(([name, node]) => {
      if (node.description === undefined) throw new Error(`nothing is said about ${place}.${name}`)
      const type = typeOf(node, `${place}.${name}`)
      const typed = required.includes(name) ? `: ${type}` : `?: ${type}${place === 'Then' ? '' : ' | undefined'}`
      return `${comment(node.description)}readonly ${name}${typed}\n`
    })
    .join('')
}
