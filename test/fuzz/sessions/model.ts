import path from 'node:path'
import type { WireReply } from '../../support/raw-client.ts'
import type { Command } from './command.ts'
import { type Judge, judges } from './judges.ts'
import type { ModelFiles } from './model-files.ts'
import type { Opening } from './opening.ts'
import { belongs } from './reply-codes.ts'
import { judgeTransfer, transferVerbs } from './transfer-judges.ts'

/** Who may log in. */
export const PASSWORD = '12345'
export const MAX_LOGIN_ATTEMPTS = 3

/** What has to come of a command: one of these codes; `then` is what it changes if it is the first of them. */
export interface Verdict {
  readonly codes: readonly number[]
  then?(reply: WireReply): void
}

export type Login = 'user' | 'password' | 'done'

/** How a command takes its argument: what is refused with 501 before anybody is asked to log in. */
export type ArgumentForm = 'none' | 'some' | 'any' | 'path' | 'path?' | 'value path'

/** What one session is to the protocol: all that its commands read and change. */
export class SessionModel {
  login: Login = 'user'
  username = ''
  failedLogins = 0
  cwd = '/'
  type: 'A' | 'I' = 'A'
  restartMarker: number | undefined
  renameFrom: string | undefined
  epsvAll = false
  facts = 'type;perm;size;modify;unique;'
  /** Whether a data connection is set up, or will be. */
  isDataSetUp = false
  /** The transfer whose final reply has not come. */
  transfer: Opening | undefined
  /** The reply before this one ended a transfer. */
  hasJustEnded = false
  /** The server reads no more commands. */
  isOver = false
  isSecure = false
  protection: 'C' | 'P' = 'C'
  hasBufferSize = false
  readonly files: ModelFiles
  readonly speaksTls: boolean
  /** Users by name. */
  readonly users: readonly string[]

  constructor(files: ModelFiles, users: readonly string[], speaksTls = false) {
    this.files = files
    this.users = users
    this.speaksTls = speaksTls
  }

  /** The path that a client means. */
  absolute(given: string): string {
    return path.posix.resolve(this.cwd, given)
  }

  /** Takes the preliminary reply of a command, which opens its transfer. */
  begin(command: Command, reply: WireReply): Opening {
    checkCode(command, reply)
    if (this.transfer !== undefined) throw new Error(`a second transfer: ${command.text}: ${reply.text}`)
    if (reply.code !== 125 && reply.code !== 150) throw new Error(`no preliminary reply: ${reply.text}`)
    const judged = this.#judge(command)
    if (!('opening' in judged))
      throw new Error(`expected ${judged.codes} and no transfer for ${command.text}: ${reply.text}`)
    this.restartMarker = undefined
    this.hasJustEnded = false
    this.transfer = judged.opening(reply)
    return this.transfer
  }

  /** Takes the final reply of a command that has begun no transfer. */
  answer(command: Command, reply: WireReply): void {
    checkCode(command, reply)
    const judged = this.#judge(command)
    if ('opening' in judged) throw new Error(`expected a transfer for ${command.text}: ${reply.text}`)
    if (!judged.codes.includes(reply.code)) {
      throw new Error(`expected ${judged.codes} for ${command.text}, got: ${reply.text}`)
    }
    if (reply.code === judged.codes[0]) judged.then?.(reply)
    if (transferVerbs.has(command.verb)) {
      this.restartMarker = undefined
      if (this.transfer === undefined) this.isDataSetUp = false
    }
    this.hasJustEnded = false
  }

  /** Takes the final reply of the transfer. */
  end(): void {
    this.transfer = undefined
    this.isDataSetUp = false
    this.hasJustEnded = true
  }

  /** Forgets who was logged in. */
  logOut(): void {
    this.login = 'user'
    this.restartMarker = undefined
    this.renameFrom = undefined
    if (this.transfer === undefined) this.isDataSetUp = false
  }

  reset(): void {
    this.type = 'A'
    this.epsvAll = false
    this.protection = 'C'
    this.hasBufferSize = false
    this.facts = 'type;perm;size;modify;unique;'
  }

  #judge(command: Command): Verdict | { opening(reply: WireReply): Opening } {
    const { verb, argument } = command
    if (command.isTooLong) return { codes: [500] }
    if (transferVerbs.has(verb)) {
      const takes = transferVerbs.get(verb) ?? 'any'
      return refusal(this, takes, argument) ?? judgeTransfer(this, verb, argument)
    }
    const judge: Judge | undefined = this.speaksTls || !TLS_VERBS.includes(verb) ? judges[verb] : undefined
    if (judge === undefined) return { codes: [500] }
    return refusal(this, judge.takes, argument, judge.beforeLogin) ?? judge.of(this, argument, command)
  }
}

const TLS_VERBS = ['AUTH', 'PBSZ', 'PROT']

function refusal(
  model: SessionModel,
  takes: ArgumentForm,
  argument: string,
  beforeLogin: boolean | 'without path' = false,
): Verdict | undefined {
  const isRefused =
    (takes === 'none' && argument !== '') ||
    ((takes === 'some' || takes === 'path' || takes === 'value path') && argument === '') ||
    (takes.includes('path') && argument.includes('\0')) ||
    (takes === 'value path' && !/^\S+ ./s.test(argument))
  if (isRefused) return { codes: [501] }
  const isEarly = beforeLogin === true || (beforeLogin === 'without path' && argument === '')
  if (model.login !== 'done' && !isEarly) return { codes: [530] }
  // Whoever asks what is permitted at such a path finds that there can be none.
  const at = model.absolute(takes === 'value path' ? argument.slice(argument.indexOf(' ') + 1) : argument)
  return takes.includes('path') && model.files.isTooLong(at) ? { codes: [550] } : undefined
}

function checkCode({ verb, text }: Command, { code, text: reply }: WireReply): void {
  if (!belongs(verb, code)) throw new Error(`${code} is no reply to ${text}: ${reply}`)
}
