import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FtpEvent } from '../handlers/events.ts'

/** Puts words in the place of what varies from one run to the next. */
export type Scrub = (line: string, event: FtpEvent) => string

type Replacement = readonly [what: string | RegExp, word: string]

/** A date and time that is within so much of the event is of this run, be it local time or GMT. */
const NEAR_MS = 36 * 3_600_000

const ADDRESS = /(\b\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]+\]|(?<=Connected to: )[\da-f:]+):\d{1,5}\b/gi
const SIX_NUMBERS = /\b(\d{1,3}(?:,\d{1,3}){3}),\d{1,3},\d{1,3}\b/g
/** RFC 2428: `|1|127.0.0.1|40123|`, `|||40123|`, with any delimiter. */
const EXTENDED = /([!-/:-~])(\d?)\1([\da-f.:]*)\1\d{1,5}\1/gi
const LISTED = /^( *[-dlbcps][-rwxsStT]{9}) +\d+ +\S+ +\S+ +(\d+) [A-Z][a-z]{2} [ \d]\d (?:\d\d:\d\d| \d{4}) /
/** Facts that are of the machine, not of the file (RFC 3659 §7.5.2). */
const FACTS = /\b(unique|unix\.(?:uid|gid|owner|group|ownername|groupname))=[^;]*;/gi

/** The words for what happened in these events, on a server of this root if it is known. */
export function scrubberFor(events: readonly FtpEvent[], root: string | undefined): Scrub {
  const replacements = [...temporaryPlaces(root), ...madeNames(events), ...laneNames(events)]
  return (line, event) => {
    let text = line.replace(/\bftp-fixture \d+\.\d+\.\d+[\w.+-]*/g, 'ftp-fixture VERSION').replace(ADDRESS, '$1:PORT')
    if (tellsPorts(event)) text = withoutPorts(text)
    text = text.replace(LISTED, '$1 LINKS OWNER GROUP $2 DATE ').replace(FACTS, '$1=…;')
    text = text.replace(/\b\d{14}(\.\d+)?\b/g, (digits) => (isOfNow(digits, event.at) ? 'TIMESTAMP' : digits))
    return replacements.reduce((replaced, [what, word]) => replaced.replaceAll(what, word), text)
  }
}

/** Whether an event is one that ports are told in, in one of the forms of FTP. */
function tellsPorts(event: FtpEvent): boolean {
  if (event.type === 'fault') return true
  if (event.type === 'reply') return event.code === 227 || event.code === 229
  return event.type === 'command' && /^(PORT|EPRT)$/.test(event.verb)
}

function withoutPorts(text: string): string {
  const closed = text.replace(/\bport \d+/g, 'port PORT')
  const six = closed.replace(SIX_NUMBERS, '$1,PORT')
  return six === closed ? closed.replace(EXTENDED, '$1$2$1$3$1PORT$1') : six
}

function isOfNow(digits: string, at: number): boolean {
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(digits) ?? []
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Math.abs(time - at) < NEAR_MS
}

/** The names that the server made up for STOU, and what to call them. */
function madeNames(events: readonly FtpEvent[]): Replacement[] {
  return events.flatMap((event) => {
    if (event.type !== 'reply' || event.verb !== 'STOU') return []
    const [, name] = /^FILE: (.+)$/.exec(event.lines[0] ?? '') ?? []
    return name === undefined ? [] : [[name, name.replace(/[^.]*$/, 'UNIQUE')]]
  })
}

/** The users of lanes that were given no name, or by laneTest: which number one has depends on which worker was first. */
function laneNames(events: readonly FtpEvent[]): Replacement[] {
  const isLane = events.some((event) => event.type === 'login' && /^lane-\d+(-[\w-]+)?$/.test(event.username))
  return isLane ? [[/\blane-\d+(-[\w-]+)?\b/g, 'LANE']] : []
}

/** Directories that are there for one run only. */
function temporaryPlaces(root: string | undefined): Replacement[] {
  const temporary = `(?:/private)?${literal(tmpdir())}[/\\\\][\\w.-]*[-.][A-Za-z0-9]{6,}`
  // All that there is has no name that could be told from others.
  const isNamed = root !== undefined && path.dirname(root) !== root
  return [
    ...(isNamed ? [[new RegExp(`${literal(root)}(?![\\w-]|\\.\\w)`, 'g'), 'ROOT'] as const] : []),
    [/[^\s"'()]*[/\\]ftp-fixture-[\w-]+/g, 'ROOT'],
    [new RegExp(temporary, 'g'), 'TMP'],
  ]
}

/** The source of a regular expression that finds this text. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
