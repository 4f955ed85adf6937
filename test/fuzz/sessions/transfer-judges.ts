import path from 'node:path'
import type { WireReply } from '../../support/raw-client.ts'
import type { ArgumentForm, SessionModel, Verdict } from './model.ts'
import { file } from './model-files.ts'
import type { Opening } from './opening.ts'
import { expectFactLine } from './said.ts'

/** The commands that need a data connection. */
export const transferVerbs: ReadonlyMap<string, ArgumentForm> = new Map([
  ['LIST', 'path?'],
  ['NLST', 'path?'],
  ['MLSD', 'path?'],
  ['RETR', 'path'],
  ['STOR', 'path'],
  ['APPE', 'path'],
  ['STOU', 'path?'],
])

type Judged = Verdict | { opening(reply: WireReply): Opening }

/** What has to come of a command that needs a data connection, once its argument and the login are as they should be. */
export function judgeTransfer(model: SessionModel, verb: string, argument: string): Judged {
  if (model.transfer !== undefined || !model.isDataSetUp) return { codes: [425] }
  if (verb === 'RETR') return retrieve(model, argument)
  if (verb === 'STOU') return storeUnique(model, argument)
  if (verb === 'STOR' || verb === 'APPE') return store(model, verb, argument)
  return list(model, verb, argument)
}

function retrieve(model: SessionModel, argument: string): Judged {
  const { type, restartMarker = 0 } = model
  const found = model.files.fileAt(model.absolute(argument))
  if (found === undefined) return { codes: [550] }
  if (restartMarker > found.content.length) return { codes: [554] }
  const rest = found.content.subarray(restartMarker)
  const content = type === 'I' ? rest : Buffer.from(rest.toString('latin1').replace(/(?<!\r)\n/g, '\r\n'), 'latin1')
  return { opening: () => ({ verb: 'RETR', direction: 'sent', type, content }) }
}

function store(model: SessionModel, verb: string, argument: string): Judged {
  const { type, restartMarker = 0 } = model
  const at = model.absolute(argument)
  const found = model.files.fileAt(at)
  if (verb === 'APPE' && restartMarker > 0) return { codes: [450] }
  if (restartMarker > 0 && found === undefined) return { codes: [550] }
  if (restartMarker > 0 && restartMarker > (found?.content.length ?? 0)) return { codes: [554] }
  const target = model.files.open(at)
  if (target === undefined) return { codes: [550] }
  return {
    opening: () => {
      if (verb === 'STOR' && restartMarker === 0) target.content = Buffer.alloc(0)
      const offset = verb === 'APPE' ? target.content.length : restartMarker
      target.modifiedMs = undefined
      return { verb, direction: 'received', type, file: target, offset }
    },
  }
}

function storeUnique(model: SessionModel, argument: string): Judged {
  if ((model.restartMarker ?? 0) > 0) return { codes: [450] }
  const at = model.absolute(argument)
  const parent = at === model.cwd ? at : path.posix.dirname(at)
  const name = at === model.cwd ? 'ftp' : path.posix.basename(at)
  // What makes the name unique has to fit behind it.
  if (model.files.directoryAt(parent) === undefined || Buffer.byteLength(name) > 246) return { codes: [550] }
  return {
    opening: ({ text }) => {
      const made = /^1\d\d FILE: (.*)$/.exec(text)?.[1] ?? ''
      const place = path.posix.join(parent, made)
      if (!made.startsWith(`${name}.`) || model.files.find(place) !== undefined) throw new Error(`not unique: ${text}`)
      const target = file(Buffer.alloc(0))
      model.files.put(place, target)
      return { verb: 'STOU', direction: 'received', type: model.type, file: target, offset: 0 }
    },
  }
}

function list(model: SessionModel, verb: string, argument: string): Judged {
  const options = /^-[aAlL1]+(?: (.*))?$/s.exec(argument)
  const at = model.absolute(options && verb !== 'MLSD' ? (options[1] ?? '') : argument)
  const names = model.files.namesAt(at)
  if (names === undefined) return { codes: [550] }
  if (verb === 'MLSD' && model.files.directoryAt(at) === undefined) return { codes: [501] }
  const { changes } = model.files
  const { facts } = model
  const check = (received: Buffer) => {
    // What is made, renamed or removed while the lines are written may be in them or not.
    if (verb !== 'NLST' && (model.files.changes !== changes || model.facts !== facts)) return
    const lines = String(received).split('\r\n')
    if (lines.pop() !== '') throw new Error(`a line without its end: ${received}`)
    const isRight = (line: string, name: string) => (verb === 'NLST' ? line === name : line.endsWith(` ${name}`))
    if (lines.length !== names.length || !names.every((name, index) => isRight(lines[index] ?? '', name))) {
      throw new Error(`expected ${JSON.stringify(names)}, got: ${received}`)
    }
    if (verb === 'MLSD')
      names.forEach((name, index) => void expectFactLine(lines[index] ?? '', model, path.posix.join(at, name)))
  }
  return { opening: () => ({ verb, direction: 'sent', type: 'A', check }) }
}
