import { styleText } from 'node:util'
import { WRITE_PERMS } from '../authorizers/authorizer.ts'
import type { CommandTable } from '../commands/table.ts'
import { describeEvent, milliseconds, replyLines, visible } from '../handlers/event-text.ts'
import type { EventOf, FtpEvent } from '../handlers/events.ts'
import { formatPrefix, type LogFields, type LogPrefix } from '../handlers/log-prefix.ts'
import { type LogLevel, type LogOptions, resolveLog } from './log-options.ts'
import { SessionColours } from './session-colours.ts'

type Style = Parameters<typeof styleText>[0]

/** What a log asks its server. */
export interface LogSource {
  /** The option `logPrefix` as it is now. */
  prefix(): LogPrefix
  /** The commands, which say themselves whether they change files. */
  readonly commands: CommandTable
}

/** What is of interest at level `info`, whatever the event has in it. */
const INFO: ReadonlySet<FtpEvent['type']> = new Set([
  'connect',
  'disconnect',
  'fault',
  'login',
  'login-failed',
  'logout',
  'data-refused',
  'tls-failed',
  'transfer',
  'limit',
  'warning',
  'error',
])

const INDENT = '  '

/** Writes what happens on a server as lines, for people or for programs. */
export class EventLog {
  readonly #options: Required<LogOptions>
  readonly #source: LogSource
  /** The sessions that are open. */
  readonly #sessions = new Map<number, LogFields>()
  /** By session, the command that is told only when it is refused. */
  readonly #unanswered = new Map<number, EventOf<'command'>>()
  readonly #colours = new SessionColours()

  constructor(options: Required<LogOptions>, source: LogSource) {
    this.#options = options
    this.#source = source
  }

  tell(event: FtpEvent): void {
    const { format, write } = this.#options
    this.#begin(event)
    try {
      for (const told of this.#wanted(event)) {
        for (const line of format === 'json' ? [jsonLine(told)] : this.#textLines(told)) write(line)
      }
    } finally {
      this.#end(event)
    }
  }

  /** What is to be written now that this has happened. */
  #wanted(event: FtpEvent): readonly FtpEvent[] {
    if (this.#options.level === 'debug' || INFO.has(event.type)) return [event]
    if (event.type !== 'command' && event.type !== 'reply') return []
    const { commands } = this.#source
    const { perm, transfers } = (Object.hasOwn(commands, event.verb) && commands[event.verb]) || {}
    if (perm === undefined) return []
    return WRITE_PERMS.includes(perm) && !transfers ? [event] : this.#refused(event)
  }

  /** Of what changes nothing, only that it was refused; a transfer that was begun is an event of its own. */
  #refused(event: EventOf<'command' | 'reply'>): readonly FtpEvent[] {
    const { type, session } = event
    if (type === 'command') {
      this.#unanswered.set(session, event)
      return []
    }
    const command = this.#unanswered.get(session)
    if (command === undefined || event.code < 200) return []
    this.#unanswered.delete(session)
    return event.code < 400 ? [] : [command, event]
  }

  #begin(event: FtpEvent): void {
    const { type, session } = event
    if (type === 'connect') {
      const { remoteAddress, remotePort } = event
      this.#sessions.set(session, { remoteAddress, remotePort, username: '', session })
      if (this.#options.colour) this.#colours.add(session)
    }
    if (type === 'login') this.#name(session, event.username)
  }

  #end({ type, session }: FtpEvent): void {
    if (type === 'logout') this.#name(session, '')
    if (type === 'disconnect') {
      this.#sessions.delete(session)
      this.#colours.delete(session)
    }
    if (type === 'disconnect' || type === 'transfer') this.#unanswered.delete(session)
  }

  #name(session: number, username: string): void {
    const known = this.#sessions.get(session)
    if (known !== undefined) this.#sessions.set(session, { ...known, username })
  }

  #textLines(event: FtpEvent): string[] {
    const { at, session } = event
    const prefix = this.#style(this.#colours.of(session), this.#prefix(session))
    const start = `${this.#style('gray', clockTime(at))} ${prefix} ${this.#options.indent && isOfData(event) ? INDENT : ''}`
    return this.#texts(event).map((text) => `${start}${text}`)
  }

  #prefix(session: number): string {
    if (session === 0) return 'server'
    const fields = this.#sessions.get(session)
    return fields === undefined ? `session ${session}` : visible(formatPrefix(this.#source.prefix(), fields))
  }

  #texts(event: FtpEvent): readonly string[] {
    switch (event.type) {
      case 'command':
        return [this.#style('bold', `> ${visible(event.line)}`)]
      case 'reply':
        return this.#replyTexts(event)
      case 'fault':
        return [this.#style('yellow', `* ${describeEvent(event)}`)]
      case 'warning':
      case 'limit':
      case 'data-refused':
      case 'tls-failed':
        return [this.#style('yellow', `! ${describeEvent(event)}`)]
      case 'error':
        return [this.#style('red', `! ${describeEvent(event)}`)]
      default:
        return [this.#style(event.type === 'transfer' ? 'magenta' : 'gray', `= ${describeEvent(event)}`)]
    }
  }

  #replyTexts(event: EventOf<'reply'>): readonly string[] {
    const colour = event.code >= 400 ? 'red' : 'green'
    const texts = replyLines(event).map((line) => this.#style(colour, `< ${line}`))
    if (event.verb !== '') texts.push(`${texts.pop()}${this.#style('gray', `  (${milliseconds(event.durationMs)})`)}`)
    return texts
  }

  #style(style: Style, text: string): string {
    // Whether it has colours is decided; newer versions of Node would look at standard output again.
    return this.#options.colour ? styleText(style, text, { validateStream: false }) : text
  }
}

/** Whether it was a data connection that something happened to. */
function isOfData(event: FtpEvent): boolean {
  if (event.type === 'tls' || event.type === 'tls-failed') return event.connection === 'data'
  return event.type === 'transfer' || event.type.startsWith('data-')
}

/** What writes a log by the option `log`. */
export function logTo(log: LogLevel | LogOptions, source: LogSource): (event: FtpEvent) => void {
  const eventLog = new EventLog(resolveLog(log, 'log'), source)
  return (event) => eventLog.tell(event)
}

/** The event as JSON, with nothing in it that a terminal or a reader of lines could take for something else. */
function jsonLine(event: FtpEvent): string {
  const { at, session, ...detail } = event
  const time = new Date(at).toISOString()
  const told = detail.type === 'error' ? { ...detail, error: String(detail.error) } : detail
  return JSON.stringify({ at: time, session, ...told }).replace(
    /[\p{Cc}\p{Zl}\p{Zp}]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The local time of day, to the millisecond. */
function clockTime(epochMs: number): string {
  const date = new Date(epochMs)
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) =>
    String(n).padStart(2, '0'),
  )
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
