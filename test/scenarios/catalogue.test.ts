import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { scenarioFile, scenarioNames } from '../../src/scenario/catalogue.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { THEMES } from '../../src/scenario/themes.ts'
import type { Scenario } from '../../src/scenario.ts'
import { cataloguePage, entryFrom, FIRST, labelOf } from './catalogue-page.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const page = fileURLToPath(new URL('../../scenarios/README.md', import.meta.url))
const names = scenarioNames()
const textOf = (name: string) => readFileSync(scenarioFile(name), 'utf8')

/** The most frequent misbehaviours of real servers, and where each is played. */
const MISBEHAVIOURS: Readonly<Record<string, readonly string[]>> = {
  'a passive address that cannot be reached': ['nat-masquerade', 'passive-address-unroutable', 'passive-address-zero'],
  'listings in another dialect': ['dos-listing'],
  'names that are not UTF-8': ['names-in-latin1', 'utf8-option-refused'],
  'legal but unexpected success codes': ['unexpected-success-codes', 'greeting-announced-by-120'],
  'replies of several lines': ['greeting-of-many-lines', 'reply-ends-in-bare-code', 'reply-ends-in-other-code'],
  'the TLS session to be resumed': ['tls-resumption-required'],
  'MLSD absent, lying or odd': ['mlsd-advertised-but-refused', 'mlsd-without-facts', 'mlsd-odd-facts'],
  'EPSV refused although advertised': ['epsv-advertised-but-refused'],
  'connections lost': [
    'connection-lost-at-accept',
    'connection-lost-after-greeting',
    'connection-lost-before-reply',
    'connection-lost-after-transfer',
    'abort-download-midway',
    'data-lost-before-first-byte',
  ],
  'caps on connections': ['second-session-refused', 'second-login-refused', 'session-slot-freed-late'],
  'the syntax of 227 and 229': ['passive-reply-without-parentheses', 'epsv-reply-with-other-delimiter'],
  'idleness on the control connection': [
    'control-expires-during-transfer',
    'idle-session-closed',
    'noop-answered-after-transfer',
  ],
  '226 at the wrong time': [
    'final-reply-early',
    'final-reply-late',
    'no-final-reply',
    'failed-though-complete',
    'data-before-preliminary',
  ],
  'TLS without close_notify': ['tls-no-close-notify', 'tls-reset-behind-close-notify'],
  'REST and resuming': ['rest-refused', 'rest-ignored'],
  'dialects of ABOR': ['abor-unanswered', 'abor-answered-late'],
  'uploads refused midway': [
    'upload-refused-midway',
    'upload-refused-and-reset',
    'upload-refused-and-ignored',
    'disk-full',
    'abort-upload-midway',
  ],
  'policies of TLS': [
    'tls-required-to-log-in',
    'tls-required-for-data',
    'auth-tls-refused',
    'prot-p-refused',
    'auth-tls-with-clear-text-behind',
  ],
  timestamps: ['mdtm-with-fraction', 'mdtm-in-local-time'],
  'paths in 257, codes of MKD': ['pwd-with-open-quote', 'mkd-answered-without-path'],
  'badly framed replies': ['reply-byte-by-byte', 'reply-split-in-code', 'extra-reply', 'refused-and-disconnected'],
  'anomalies of FEAT': ['feat-refused', 'feat-lines-with-code'],
  certificates: [
    'certificate-expired',
    'certificate-self-signed',
    'certificate-of-other-name',
    'certificate-differs-on-data',
  ],
  'empty directories': ['empty-directory-refused', 'empty-directory-without-data'],
  'active mode': ['active-mode-refused', 'active-mode-never-connects', 'active-mode-connects-late'],
  'ASCII translation': ['binary-type-ignored'],
  'SIZE refused in ASCII': ['size-refused-in-ascii'],
  'a dead data port': [
    'passive-port-refused',
    'passive-connection-lost-at-accept',
    'passive-connection-ignored',
    'tls-data-handshake-unanswered',
  ],
  'empty files': ['empty-file'],
  'options and spaces in listings': ['list-option-refused', 'list-argument-with-space-refused'],
  'IPv6 sessions': ['pasv-refused'],
  'the ladder of logging in': [
    'login-without-password',
    'greeting-logs-in',
    'account-required',
    'login-fails-once',
    'login-refused-and-closed',
  ],
  'black holes': ['black-hole', 'stalled-for-ever'],
  'wrong or missing sizes': [
    'size-missing',
    'size-too-large',
    'wrong-size-in-preliminary',
    'download-longer-than-size',
    'download-truncated',
  ],
  'slow servers': [
    'slow-download',
    'slow-upload',
    'throttled-download',
    'throttled-upload',
    'greeting-late',
    'slow-commands',
  ],
  'more steps demanded': ['pret-required'],
  'refusals and the data connection': ['data-connection-left-open', 'refused-behind-preliminary'],
  'hostile servers': [
    'listing-names-escape',
    'listing-very-long',
    'pwd-with-control-characters',
    'reply-never-ends',
    'reply-line-very-long',
    'garbage-for-a-reply',
  ],
}

test.each(names)('%s says what it is', (name) => {
  const text = textOf(name)
  const entry = entryFrom(text)
  expect(entry.name).toBe(name)
  expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/)
  expect(entry.description).toMatch(/^[A-Z].+\.\s*$/s)
  expect(entry.description.match(/\.(\s|$)/g)?.length).toBeLessThanOrEqual(3)
  expect(entry.sources.length).toBeGreaterThan(0)
  for (const source of entry.sources) {
    expect(labelOf(source)).toMatch(/^[\w.-]+\/[\w.-]+#\d+$|^curl test \d+$|^RFC \d+( §[\d.]+)?$/)
  }
  const paths = Object.keys(Object.assign({}, ...loadScenario(name).files))
  expect(paths).toEqual(expect.arrayContaining(['/pub/file.bin', '/incoming/']))
})

test.each(names)('%s says what it is about, and what a good client says in the end', (name) => {
  const { theme, outcome } = parse(textOf(name)) as Scenario
  expect(THEMES).toContain(theme)
  expect(['success', 'failure', 'either']).toContain(outcome)
})

test('no theme is empty, and the first to try are there', () => {
  expect(new Set(names.map((name) => loadScenario(name).theme))).toEqual(new Set(THEMES))
  expect(names).toEqual(expect.arrayContaining([...FIRST]))
})

test('the catalogue is up to date: `npm run catalogue` writes it', async () => {
  const entries = names.map((name) => entryFrom(textOf(name)))
  await expect(cataloguePage(entries)).toMatchFileSnapshot(page)
})

test('every misbehaviour that is known to be frequent can be played', () => {
  for (const [misbehaviour, scenarios] of Object.entries(MISBEHAVIOURS)) {
    expect(scenarios.length, misbehaviour).toBeGreaterThan(0)
    expect(names, misbehaviour).toEqual(expect.arrayContaining([...scenarios]))
  }
})

test('each is played by real clients', () => {
  const tables = readdirSync(here).map((file) => readFileSync(here + file, 'utf8'))
  const played = tables.flatMap((text) => [...text.matchAll(/\bscenario: '([^']+)'/g)].map(([, name]) => name))
  expect([...new Set(played)].sort()).toEqual(names)
})
