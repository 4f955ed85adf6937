import { parse } from 'yaml'
import { THEMES } from '../../src/scenario/themes.ts'

/** What the page shows of a scenario. */
export interface CatalogueEntry {
  readonly name: string
  readonly description: string
  readonly theme: string
  readonly sources: readonly string[]
}

/** What every client meets. */
export const FIRST: readonly string[] = [
  'slow-download',
  'slow-upload',
  'abort-download-midway',
  'abort-upload-midway',
  'size-refused-in-ascii',
  'nat-masquerade',
  'throttled-download',
  'throttled-upload',
]

const INTRODUCTION = `# Built-in scenarios

Ways for the server to misbehave, each met in real servers. A test starts a server with one, or puts it on later:

\`\`\`ts
await using ftp = await startFtpServer({ scenario: 'abort-download-midway' })
// The client is put to work.
await ftp.verify() // It did what a good client does, as far as the scenario says.
\`\`\`

\`\`\`ts
ftp.use('abort-download-midway')
\`\`\`

The command line has them for clients in any language, and for people who try things by hand:

\`\`\`sh
npx ftp-fixture --scenario abort-download-midway
\`\`\`

Each brings \`/pub/file.bin\` (64 KiB) and an empty \`/incoming/\`, and most \`/pub/hello.txt\`, so that the same steps can be
taken under all of them. Their files are short, and good to copy from: [schema.json](schema.json) tells editors what may
stand in a scenario, and \`extends\` changes a detail of one of these.
`

/** Reads what the page shows out of the text of a scenario. */
export function entryFrom(text: string): CatalogueEntry {
  const { source, ...entry } = parse(text) as CatalogueEntry & { readonly source?: string | readonly string[] }
  return { ...entry, sources: [source ?? []].flat() }
}

/** The catalogue of scenarios, in Markdown: theme by theme. */
export function cataloguePage(entries: readonly CatalogueEntry[]): string {
  const first = `The first to try: ${FIRST.map(link).join(', ')}.\n`
  const sections = THEMES.map((name) =>
    section(
      name,
      entries.filter(({ theme }) => theme === name),
    ),
  )
  return [INTRODUCTION, first, ...sections].join('\n')
}

function section(theme: string, entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(({ name, description, sources }) => {
    const links = sources.map((source) => `[${labelOf(source)}](${source})`)
    return `| ${link(name)} | ${description.trim().replaceAll('|', '\\|')} | ${links.join(', ')} |`
  })
  const title = `${theme[0]?.toUpperCase()}${theme.slice(1)}`
  return [`## ${title}`, '', '| Scenario | What the client meets | Sources |', '|---|---|---|', ...rows, ''].join('\n')
}

function link(name: string): string {
  return `[${name}](${name}.yaml)`
}

/** A short name for a link: `owner/repo#12`, `curl test 1086`, `RFC 959 §5.4`. */
export function labelOf(source: string): string {
  const issue = /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\/(?:issues|pull)\/(\d+)$/.exec(source)
  if (issue) return `${issue[1]}#${issue[2]}`
  const test = /^https:\/\/github\.com\/curl\/curl\/blob\/master\/tests\/data\/test(\d+)$/.exec(source)
  if (test) return `curl test ${test[1]}`
  const rfc = /^https:\/\/www\.rfc-editor\.org\/rfc\/rfc(\d+)(?:#section-([\d.]+))?$/.exec(source)
  if (rfc) return `RFC ${rfc[1]}${rfc[2] === undefined ? '' : ` §${rfc[2]}`}`
  throw new Error(`no link to an issue, a test of curl's or an RFC: ${source}`)
}
