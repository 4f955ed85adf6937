import { isUtf8 } from 'node:buffer'
import { formatHostPort } from '../protocol/address.ts'
import { formatReply } from '../protocol/reply.ts'
import type { EventOf, FtpEvent } from './events.ts'

type Happening = Exclude<FtpEvent, { readonly type: 'command' | 'reply' }>

/** One sentence on what happened, for people. */
export function describeEvent(event: Happening): string {
  return visible(sentenceOn(event))
}

/** Text with its control characters and line ends spelled out: what a client sends must not move the cursor of who reads it. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (control) => {
    const code = control.charCodeAt(0).toString(16)
    return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, '0')}`
  })
}

/** The lines of a reply, as they are on the wire but for control characters. */
export function replyLines(event: EventOf<'reply'>): readonly string[] {
  const text = event.wire === undefined ? formatReply(event).trimEnd() : asText(event.wire).replace(/\r\n$/, '')
  return text.split('\r\n').map(visible)
}

/** Bytes that came as a character each: as the UTF-8 that they are, or as they came. */
function asText(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1')
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes
}

function sentenceOn(event: Happening): string {
  switch (event.type) {
    case 'connect':
      return `connected from ${formatHostPort(event.remoteAddress, event.remotePort)}`
    case 'disconnect':
      return `disconnected after ${milliseconds(event.durationMs)}${event.error ? ` (${event.error})` : ''}`
    case 'fault':
      return `${event.scenario}, ${event.rule}: ${event.effect}`
    case 'login':
      return `${event.username} logged in`
    case 'login-failed':
      return `${event.username} failed to log in`
    case 'logout':
      return `${event.username} logged out`
    case 'data-listen':
      return `awaiting a data connection on ${formatHostPort(event.address, event.port)}`
    case 'data-open':
      return `data connection ${event.mode === 'passive' ? 'from' : 'to'} ${formatHostPort(event.remoteAddress, event.remotePort)}`
    case 'data-refused':
      return `data connection from ${formatHostPort(event.remoteAddress, event.remotePort)} refused: ${event.reason}`
    case 'tls':
      return `${event.connection} connection encrypted: ${event.protocol}, ${event.cipher}${event.resumed ? ', resumed' : ''}`
    case 'tls-failed':
      return `${event.connection} connection not encrypted: ${event.reason}`
    case 'transfer':
      return describeTransfer(event)
    case 'limit':
      return `turned ${event.remoteAddress} away: ${event.limit} is reached`
    case 'debug':
      return `debug: ${event.message}`
    case 'warning':
      return `warning: ${event.message}`
    case 'error':
      return `error: ${String(event.error)}`
  }
}

function describeTransfer(event: EventOf<'transfer'>): string {
  const { direction, bytes, verb, path, representation, restartMarker, outcome, durationMs, reason } = event
  const from = restartMarker > 0 ? ` from ${restartMarker}` : ''
  const end = reason === undefined ? outcome : `${outcome}: ${reason}`
  return `${verb} ${direction} ${bytes} bytes of ${path}${from} (TYPE ${representation}) in ${milliseconds(durationMs)}, ${end}`
}

/** A duration for people. */
export function milliseconds(durationMs: number): string {
  if (durationMs >= 10_000) return `${(durationMs / 1000).toFixed(1)} s`
  return `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms`
}
