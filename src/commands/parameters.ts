import type { Session } from '../handlers/session.ts'
import { selectFacts } from '../protocol/facts.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import type { CommandTable } from './table.ts'

/** RFC 959 §4.1.2; OPTS is RFC 2389 §4. */
export const parameterCommands: CommandTable = {
  TYPE: { argument: 'text', help: 'TYPE <SP> [A | A N | I | L 7 | L 8]', run: type },
  STRU: { argument: 'text', help: 'STRU <SP> F', run: stru },
  MODE: { argument: 'text', help: 'MODE <SP> S', run: mode },
  ALLO: { argument: 'text', help: 'ALLO <SP> bytes', run: allo },
  OPTS: {
    argument: 'text',
    feature: ({ options }) => (options.encoding === 'utf-8' ? 'UTF8' : undefined),
    help: 'OPTS <SP> command [<SP> options]',
    run: opts,
  },
}

const TYPES: Readonly<Record<string, 'A' | 'I'>> = {
  A: 'A',
  'A N': 'A',
  L7: 'A',
  'L 7': 'A',
  I: 'I',
  L8: 'I',
  'L 8': 'I',
}

function type(session: Session, argument: string): Reply {
  const wanted = argument.toUpperCase()
  const found = Object.hasOwn(TYPES, wanted) ? TYPES[wanted] : undefined
  if (found === undefined) return reply(504, `Unsupported type "${argument}".`)
  session.type = found
  // REST is refused in TYPE A, and so is one that was given before it.
  if (found === 'A') session.take('restartMarker')
  return reply(200, `Type set to: ${found === 'A' ? 'ASCII' : 'Binary'}.`)
}

function stru(_session: Session, argument: string): Reply {
  return onlyOne(argument, 'F', ['P', 'R'], 'File transfer structure set to: F.')
}

function mode(_session: Session, argument: string): Reply {
  return onlyOne(argument, 'S', ['B', 'C'], 'Transfer mode set to: S.')
}

/** 504 for a parameter that exists but is not built, 501 for one that does not exist. */
function onlyOne(argument: string, supported: string, unsupported: readonly string[], text: string): Reply {
  const wanted = argument.toUpperCase()
  if (wanted === supported) return reply(200, text)
  return unsupported.includes(wanted) ? reply(504, 'Unimplemented parameter.') : reply(501, 'Unrecognized parameter.')
}

function allo(): Reply {
  return reply(202, 'No storage allocation necessary.')
}

function opts(session: Session, argument: string): Reply {
  const { verb, options } = /^(?<verb>\S+) ?(?<options>.*)$/.exec(argument)?.groups ?? {}
  if (verb?.toUpperCase() === 'UTF8' && session.options.encoding === 'utf-8') return optsUtf8(options ?? '')
  if (verb?.toUpperCase() !== 'MLST') return reply(501, 'Unsupported option.')
  session.facts = selectFacts(options ?? '')
  const selected = session.facts.map((fact) => `${fact};`).join('')
  return reply(200, selected === '' ? 'MLST OPTS' : `MLST OPTS ${selected}`)
}

/** What IIS made a habit and clients send; UTF-8 is always on, so there is no turning it off. */
function optsUtf8(options: string): Reply {
  return options.toUpperCase() === 'ON' ? reply(200, 'Always in UTF8 mode.') : reply(501, 'UTF8 cannot be turned off.')
}
