import path from 'node:path'
import type { Command } from './command.ts'
import { type ArgumentForm, MAX_LOGIN_ATTEMPTS, PASSWORD, type SessionModel, type Verdict } from './model.ts'
import { expectFacts, expectPath, expectStatus } from './said.ts'
import { transferVerbs } from './transfer-judges.ts'

/** What the model knows of a command that needs no data connection. */
export interface Judge {
  readonly takes: ArgumentForm
  readonly beforeLogin?: boolean | 'without path'
  of(model: SessionModel, argument: string, command: Command): Verdict
}

const code = (...codes: number[]): Verdict => ({ codes })
const when = (holds: boolean, good: number, bad: number, then?: Verdict['then']): Verdict =>
  holds ? { codes: [good], ...(then && { then }) } : code(bad)

const TYPES: Readonly<Record<string, 'A' | 'I'>> = {
  A: 'A',
  'A N': 'A',
  L7: 'A',
  'L 7': 'A',
  I: 'I',
  L8: 'I',
  'L 8': 'I',
}

const login: Record<string, Judge> = {
  USER: {
    takes: 'some',
    beforeLogin: true,
    of: (model, argument) => ({
      codes: [331],
      then: () => {
        model.logOut()
        model.login = 'password'
        model.username = argument
      },
    }),
  },
  PASS: { takes: 'any', beforeLogin: true, of: pass },
  ACCT: { takes: 'some', beforeLogin: true, of: () => code(202) },
  REIN: {
    takes: 'none',
    of: (model) => ({
      codes: [230],
      then: () => {
        model.logOut()
        model.reset()
      },
    }),
  },
  QUIT: {
    takes: 'none',
    beforeLogin: true,
    of: (model) => ({
      codes: [221],
      then: () => {
        model.isOver = true
      },
    }),
  },
}

function pass(model: SessionModel, argument: string): Verdict {
  if (model.login !== 'password') return code(503)
  if (argument === PASSWORD && model.users.includes(model.username)) {
    return {
      codes: [230],
      then: () => {
        model.login = 'done'
        model.failedLogins = 0
        model.cwd = '/'
      },
    }
  }
  return {
    codes: [530],
    then: () => {
      model.login = 'user'
      model.isOver = ++model.failedLogins >= MAX_LOGIN_ATTEMPTS
    },
  }
}

const CWD: Judge = { takes: 'path', of: (model, argument) => enter(model, model.absolute(argument || '/')) }
const CDUP: Judge = { takes: 'none', of: (model) => enter(model, path.posix.dirname(model.cwd)) }
const PWD: Judge = {
  takes: 'none',
  of: (model) => ({ codes: [257], then: (reply) => expectPath(reply, model.cwd) }),
}
const MKD: Judge = {
  takes: 'path',
  of: (model, argument) => {
    const made = model.absolute(argument)
    return when(model.files.makeDirectory(made), 257, 550, (reply) => expectPath(reply, made))
  },
}
const RMD: Judge = {
  takes: 'path',
  of: (model, argument) => when(model.files.removeDirectory(model.absolute(argument)), 250, 550),
}

function enter(model: SessionModel, to: string): Verdict {
  return when(model.files.directoryAt(to) !== undefined, 250, 550, () => {
    model.cwd = to
  })
}

const directories: Record<string, Judge> = {
  CWD: { ...CWD, takes: 'path?' },
  CDUP,
  PWD,
  MKD,
  RMD,
  XCWD: { ...CWD, takes: 'path?' },
  XCUP: CDUP,
  XPWD: PWD,
  XMKD: MKD,
  XRMD: RMD,
}

const files: Record<string, Judge> = {
  DELE: { takes: 'path', of: (model, argument) => when(model.files.removeFile(model.absolute(argument)), 250, 550) },
  RNFR: {
    takes: 'path',
    of: (model, argument) => {
      const from = model.absolute(argument)
      return when(from !== '/' && model.files.find(from) !== undefined, 350, 550, () => {
        model.renameFrom = from
      })
    },
  },
  RNTO: {
    takes: 'path',
    of: (model, argument) => {
      const from = model.renameFrom
      if (from === undefined) return code(503)
      model.renameFrom = undefined
      return when(model.files.rename(from, model.absolute(argument)), 250, 550)
    },
  },
  SIZE: {
    takes: 'path',
    of: (model, argument) => {
      const found = model.files.fileAt(model.absolute(argument))
      return when(model.type === 'I' && found !== undefined, 213, 550, ({ text }) => {
        const isStill = model.transfer?.file !== found
        if (isStill && text !== `213 ${found?.content.length}`)
          throw new Error(`size ${found?.content.length}: ${text}`)
      })
    },
  },
  MDTM: {
    takes: 'path',
    of: (model, argument) => {
      const found = model.files.fileAt(model.absolute(argument))
      return when(found !== undefined, 213, 550, ({ text }) => {
        const known = found?.modifiedMs
        const value = known === undefined ? '\\d{14}' : new Date(known).toISOString().replace(/[-:T]|\..*/g, '')
        if (!new RegExp(`^213 ${value}$`).test(text)) throw new Error(`expected ${value}: ${text}`)
      })
    },
  },
  MFMT: { takes: 'value path', of: changeTime },
  MLST: {
    takes: 'path?',
    of: (model, argument) => {
      const at = model.absolute(argument)
      const found = model.files.find(at)
      return when(found !== undefined, 250, 550, (reply) => expectFacts(reply, model, at))
    },
  },
  'SITE CHMOD': {
    takes: 'value path',
    of: (model, argument) => {
      const [, mode = '', given = ''] = /^(\S+) (.*)$/s.exec(argument) ?? []
      if (!/^[0-7]{3,4}$/.test(mode)) return code(501)
      const found = model.files.find(model.absolute(given))
      return when(found !== undefined, 200, 550, () => {
        if (found !== undefined) found.mode = Number.parseInt(mode, 8) & 0o777
      })
    },
  },
  STAT: {
    takes: 'path?',
    beforeLogin: 'without path',
    of: (model, argument) => {
      if (argument === '') return code(211)
      const names = model.files.namesAt(model.absolute(argument))
      return when(names !== undefined, 213, 550, (reply) => expectStatus(reply, names ?? []))
    },
  },
}

function changeTime(model: SessionModel, argument: string): Verdict {
  const [, value = '', given = ''] = /^(\S+) (.*)$/s.exec(argument) ?? []
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(value) ?? []
  const epochMs = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  const found = model.files.fileAt(model.absolute(given))
  const isReal = !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(`${y}-${mo}-${d}T${h}`)
  return when(isReal && found !== undefined, 213, 550, () => {
    if (found !== undefined) found.modifiedMs = model.transfer?.file === found ? undefined : epochMs
  })
}

const isEpsvAll = ({ epsvAll }: SessionModel) => epsvAll
const setUp = (model: SessionModel, good: number): Verdict => ({
  codes: [good],
  then: () => {
    model.isDataSetUp = true
  },
})

/** The client puts in the port it listens on, or one that nobody does; any other argument is to be refused. */
const active: Judge['of'] = (model, argument, { port }) => {
  if (isEpsvAll(model)) return code(501)
  if (port === 'listening') return setUp(model, 200)
  if (port === undefined) return code(argument.startsWith('|2|::1|') ? 522 : 501)
  return {
    codes: [425],
    then: () => {
      model.isDataSetUp = false
    },
  }
}

const obsolete: Judge['of'] = (model) => code(isEpsvAll(model) ? 501 : 502)

const dataPorts: Record<string, Judge> = {
  PASV: { takes: 'none', of: (model) => (isEpsvAll(model) ? code(501) : setUp(model, 227)) },
  EPSV: {
    takes: 'any',
    of: (model, argument) => {
      if (argument === '' || argument === '1') return setUp(model, 229)
      if (argument.toUpperCase() !== 'ALL') return code(/^\d+$/.test(argument) ? 522 : 501)
      return {
        codes: [220],
        then: () => {
          model.epsvAll = true
        },
      }
    },
  },
  PORT: { takes: 'some', of: active },
  EPRT: { takes: 'some', of: active },
  LPSV: { takes: 'none', of: obsolete },
  LPRT: { takes: 'some', of: obsolete },
}

const parameters: Record<string, Judge> = {
  TYPE: {
    takes: 'some',
    of: (model, argument) => {
      const type = TYPES[argument.toUpperCase()]
      return when(type !== undefined, 200, 504, () => {
        model.type = type ?? 'A'
        if (type === 'A') model.restartMarker = undefined
      })
    },
  },
  STRU: { takes: 'some', of: (_model, argument) => oneOf(argument, 'F', 'PR') },
  MODE: { takes: 'some', of: (_model, argument) => oneOf(argument, 'S', 'BC') },
  ALLO: { takes: 'some', of: () => code(202) },
  OPTS: {
    takes: 'some',
    of: (model, argument) => {
      const [option = '', values = ''] = argument.toUpperCase().split(/ (.*)/s)
      if (option === 'UTF8') return code(values === 'ON' ? 200 : 501)
      return when(option === 'MLST', 200, 501, ({ lines: [line = ''] }) => {
        model.facts = /^200 MLST OPTS ?(.*)$/.exec(line)?.[1] ?? ''
      })
    },
  },
  REST: {
    takes: 'some',
    of: (model, argument) => {
      const isNumber = /^\d{1,15}$/.test(argument)
      return when(model.type === 'I' && isNumber, 350, 501, () => {
        model.restartMarker = Number(argument)
      })
    },
  },
  ABOR: {
    takes: 'none',
    of: (model) => {
      if (model.transfer !== undefined) return code(NaN)
      // Whether the transfer was still running when ABOR was read, the client cannot know.
      const codes = model.hasJustEnded ? [225, 226] : [225]
      model.isDataSetUp = false
      return { codes }
    },
  },
}

function oneOf(argument: string, known: string, unbuilt: string): Verdict {
  const given = argument.toUpperCase()
  if (given === known) return code(200)
  return code(given.length === 1 && unbuilt.includes(given) ? 504 : 501)
}

function isKnown({ speaksTls }: SessionModel, verb: string): boolean {
  return (verb in judges || transferVerbs.has(verb)) && (speaksTls || !(verb in security))
}

const help = (prefix: string): Judge['of'] => {
  return (model, argument) => code(argument === '' || isKnown(model, `${prefix}${argument.toUpperCase()}`) ? 214 : 501)
}

const information: Record<string, Judge> = {
  FEAT: { takes: 'none', beforeLogin: true, of: () => code(211) },
  HELP: { takes: 'any', beforeLogin: true, of: help('') },
  'SITE HELP': { takes: 'any', beforeLogin: true, of: help('SITE ') },
  SYST: { takes: 'none', beforeLogin: true, of: () => code(215) },
  NOOP: { takes: 'none', beforeLogin: true, of: () => code(200) },
}

const security: Record<string, Judge> = {
  AUTH: {
    takes: 'some',
    beforeLogin: true,
    of: (model, argument) => {
      if (model.isSecure) return code(503)
      return when(/^(TLS|TLS-C|SSL|TLS-P)$/i.test(argument), 234, 504, () => {
        model.logOut()
        model.reset()
        model.isSecure = true
      })
    },
  },
  PBSZ: {
    takes: 'some',
    beforeLogin: true,
    of: (model, argument) => {
      if (!model.isSecure) return code(503)
      return when(/^\d{1,9}$/.test(argument), 200, 501, () => {
        model.hasBufferSize = true
      })
    },
  },
  PROT: {
    takes: 'some',
    beforeLogin: true,
    of: (model, argument) => {
      if (!model.isSecure || !model.hasBufferSize) return code(503)
      const level = argument.toUpperCase()
      if (level === 'S' || level === 'E') return code(536)
      return when(level === 'C' || level === 'P', 200, 504, () => {
        if (level !== model.protection && model.transfer === undefined) model.isDataSetUp = false
        model.protection = level as 'C' | 'P'
      })
    },
  },
}

/** By verb; those that need a data connection are in a table of their own. */
export const judges: Readonly<Record<string, Judge>> = {
  ...login,
  ...directories,
  ...files,
  ...dataPorts,
  ...parameters,
  ...information,
  ...security,
}
