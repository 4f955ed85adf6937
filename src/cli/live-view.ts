import { styleText } from 'node:util'
import { describeEvent, milliseconds, visible } from '../fixture/dialogue.ts'
import type { FtpEvent } from '../handlers/events.ts'
import { formatReply } from '../protocol/reply.ts'

type Style = Parameters<typeof styleText>[0]

/** Writes events as lines for a person who watches: when, who, what. */
export class LiveView {
  readonly #colour: boolean
  readonly #users = new Map<number, string>()

  constructor(colour: boolean) {
    this.#colour = colour
  }

  /** The lines of one event, each with its line end. */
  format(event: FtpEvent): string {
    this.#noteUser(event)
    const when = this.#style('gray', clockTime(event.at))
    const who = this.#style('cyan', this.#who(event.session))
    return this.#texts(event)
      .map((text) => `${when} ${who} ${text}\n`)
      .join('')
  }

  #texts(event: FtpEvent): readonly string[] {
    switch (event.type) {
      case 'command':
        return [this.#style('bold', `> ${visible(event.line)}`)]
      case 'reply': {
        const lines = formatReply(event).trimEnd().split('\r\n')
        const last = lines.length - 1
        return lines.map((line, index) => {
          const took =
            index === last && event.verb !== '' ? this.#style('gray', `  (${milliseconds(event.durationMs)})`) : ''
          return this.#style(event.code >= 400 ? 'red' : 'green', `< ${visible(line)}`) + took
        })
      }
      case 'debug':
        return []
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

  #noteUser(event: FtpEvent): void {
    if (event.type === 'login') this.#users.set(event.session, event.username)
    if (event.type === 'disconnect') this.#users.delete(event.session)
  }

  #who(session: number): string {
    const user = this.#users.get(session)
    return `#${session}${user === undefined ? '' : ` ${visible(user)}`}`
  }

  #style(style: Style, text: string): string {
    return this.#colour ? styleText(style, text) : text
  }
}

/** The local time of day, to the millisecond. */
function clockTime(epochMs: number): string {
  const date = new Date(epochMs)
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) =>
    String(n).padStart(2, '0'),
  )
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
