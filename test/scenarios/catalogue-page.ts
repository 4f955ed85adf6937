import { parse } from 'yaml'

/** What the page shows of a scenario. */
export interface CatalogueEntry {
  readonly name: string
  readonly description: string
  readonly sources: readonly string[]
}

/** The order of the page: what every client meets first, then theme by theme. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'The first to try': [
    'slow-download',
    'slow-upload',
    'abort-download-midway',
    'abort-upload-midway',
    'size-refused-in-ascii',
    'nat-masquerade',
    'throttled-download',
    'throttled-upload',
  ],
  'The control connection': [
    'greeting-late',
    'greeting-announced-by-120',
    'slow-commands',
    'connection-lost-at-accept',
    'connection-lost-after-greeting',
    'connection-lost-before-reply',
    'connection-lost-after-transfer',
    'control-expires-during-transfer',
    'idle-session-closed',
    'noop-answered-after-transfer',
    'black-hole',
  ],
  'Logging in': [
    'login-without-password',
    'greeting-logs-in',
    'account-required',
    'login-fails-once',
    'login-refused-and-closed',
    'pret-required',
    'feat-refused',
    'feat-lines-with-code',
    'utf8-option-refused',
  ],
  Replies: [
    'unexpected-success-codes',
    'greeting-of-many-lines',
    'reply-ends-in-bare-code',
    'reply-ends-in-other-code',
    'reply-never-ends',
    'reply-byte-by-byte',
    'reply-split-in-code',
    'extra-reply',
    'reply-line-very-long',
    'garbage-for-a-reply',
    'refused-and-disconnected',
  ],
  'The data connection': [
    'passive-address-unroutable',
    'passive-address-zero',
    'passive-reply-without-parentheses',
    'epsv-reply-with-other-delimiter',
    'epsv-advertised-but-refused',
    'pasv-refused',
    'passive-port-refused',
    'passive-connection-lost-at-accept',
    'passive-connection-ignored',
    'active-mode-refused',
    'active-mode-never-connects',
    'active-mode-connects-late',
    'data-connection-left-open',
    'data-connection-kept-open',
    'data-lost-before-first-byte',
  ],
  Downloads: [
    'stalled-download',
    'stalled-for-ever',
    'download-truncated',
    'download-corrupted',
    'download-longer-than-size',
    'empty-file',
    'binary-type-ignored',
    'refused-behind-preliminary',
    'data-before-preliminary',
    'final-reply-early',
    'final-reply-late',
    'no-final-reply',
    'failed-though-complete',
    'rest-refused',
    'rest-ignored',
    'abor-unanswered',
    'abor-answered-late',
  ],
  Uploads: ['upload-refused-midway', 'upload-refused-and-reset', 'upload-refused-and-ignored', 'disk-full'],
  Listings: [
    'mlsd-advertised-but-refused',
    'mlsd-without-facts',
    'mlsd-odd-facts',
    'dos-listing',
    'empty-directory-refused',
    'empty-directory-without-data',
    'list-option-refused',
    'list-argument-with-space-refused',
    'names-in-latin1',
    'listing-names-escape',
    'listing-very-long',
  ],
  'Sizes, times and paths': [
    'size-missing',
    'size-too-large',
    'wrong-size-in-preliminary',
    'mdtm-with-fraction',
    'mdtm-in-local-time',
    'pwd-with-open-quote',
    'pwd-with-control-characters',
    'mkd-answered-without-path',
  ],
  Limits: ['second-session-refused', 'second-login-refused', 'session-slot-freed-late'],
  TLS: [
    'tls-required-to-log-in',
    'tls-required-for-data',
    'auth-tls-refused',
    'auth-tls-with-clear-text-behind',
    'prot-p-refused',
    'tls-resumption-required',
    'tls-handshake-cut',
    'tls-data-handshake-unanswered',
    'certificate-expired',
    'certificate-self-signed',
    'certificate-of-other-name',
    'certificate-differs-on-data',
    'tls-no-close-notify',
    'tls-reset-behind-close-notify',
  ],
}

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
  const {
    name,
    description,
    source = [],
  } = parse(text) as {
    readonly name: string
    readonly description: string
    readonly source?: string | readonly string[]
  }
  return { name, description, sources: [source].flat() }
}

/** The catalogue of scenarios, in Markdown. */
export function cataloguePage(entries: ReadonlyMap<string, CatalogueEntry>): string {
  const sections = Object.entries(GROUPS).map(([title, names]) => section(title, names, entries))
  return [INTRODUCTION, ...sections].join('\n')
}

function section(title: string, names: readonly string[], entries: ReadonlyMap<string, CatalogueEntry>): string {
  const rows = names.map((name) => {
    const { description, sources } = entries.get(name) ?? { description: '', sources: [] }
    const links = sources.map((source) => `[${labelOf(source)}](${source})`)
    return `| [${name}](${name}.yaml) | ${description.trim().replaceAll('|', '\\|')} | ${links.join(', ')} |`
  })
  return [`## ${title}`, '', '| Scenario | What the client meets | Sources |', '|---|---|---|', ...rows, ''].join('\n')
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
