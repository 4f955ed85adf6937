import type { Awaitable, PermissionLetter } from '../authorizers/authorizer.ts'
import { type CommandSpec, type CommandTable, endOfSecretVerb } from '../commands/table.ts'
import { andThen } from '../ioloop/awaitable.ts'
import { type Command, parseCommand } from '../protocol/command.ts'
import { parentPath } from '../protocol/path.ts'
import { type FinalReply, type Reply, reply } from '../protocol/reply.ts'
import type { Session } from './session.ts'

/** A command and what the table says of it; no `spec` when it is unknown. */
export interface RecognizedCommand extends Command {
  readonly spec?: CommandSpec
}

/** A command with its argument made ready for `run`. */
interface Request {
  readonly spec: CommandSpec
  readonly session: Session
  readonly argument: string
  readonly value: string
  /** Whether `argument` is a path that the guards have to look at. */
  readonly namesPath: boolean
}

/** Finds the command of a line: by its verb, by its first two words, or behind Telnet signals by how its verb ends. */
export function recognize(table: CommandTable, line: string): RecognizedCommand {
  const command = parseCommand(line)
  const { verb, argument } = command
  const known = own(table, verb)
  if (known) return { verb, argument, spec: known }
  const inner = parseCommand(argument)
  const twoWords = own(table, `${verb} ${inner.verb}`)
  if (twoWords) return { verb: `${verb} ${inner.verb}`, argument: inner.argument, spec: twoWords }
  const ending = Object.keys(table).find((each) => own(table, each)?.urgent && verb.endsWith(each))
  const urgent = ending === undefined ? undefined : own(table, ending)
  return ending !== undefined && urgent ? { verb: ending, argument, spec: urgent } : command
}

/** Does a command: the guards in their order (500, 501, 550, 530, 550), the first refusal being the reply; then the command itself. */
export function dispatch(session: Session, { verb, argument, spec }: RecognizedCommand): Awaitable<Reply> {
  if (spec === undefined) return reply(500, `Command "${shown(verb, argument, session.commands)}" not understood.`)
  const request = readArgument(session, spec, argument)
  if ('code' in request) return request
  const refusal = protection(request) ?? loginFirst(request)
  const { perm } = spec
  if (refusal !== undefined || perm === undefined || !request.namesPath) return refusal ?? runWhenPossible(request)
  const runPermitted = (refused: FinalReply | undefined) => refused ?? runWhenPossible(request)
  return session.fs.inOneGo(() => andThen(permission(request, perm), runPermitted))
}

function readArgument(session: Session, spec: CommandSpec, given: string): Request | FinalReply {
  const request = (argument: string, namesPath: boolean, value = ''): Request => ({
    spec,
    session,
    argument,
    value,
    namesPath,
  })
  const rule = spec.argument
  if (rule === 'none' || rule === 'parent') {
    if (given !== '') return reply(501, 'Syntax error: command does not accept arguments.')
    return rule === 'none' ? request('', false) : request(rule, true)
  }
  if (given === '' && (rule === 'text' || rule === 'path' || rule === 'value path')) {
    return reply(501, 'Syntax error: command needs an argument.')
  }
  if (rule === 'text' || rule === 'text?') return request(given, false)
  if (given.includes('\0')) return reply(501, 'Syntax error: a path cannot hold NUL.')
  if (rule === 'path or root') return request(given || '/', true)
  if (rule === 'path or nothing') return request(given, given !== '')
  if (rule === 'listing path?') return request(withoutListOptions(given), true)
  if (rule !== 'value path') return request(given, true)
  const [, value = '', path = ''] = /^(\S+) (.+)$/s.exec(given) ?? []
  return path === '' ? reply(501, 'Syntax error: command needs two arguments.') : request(path, true, value)
}

/** The path that a command names, absolute; '' where it names none, or nobody is logged in to have one. */
export function namedPath(session: Session, { argument, spec }: RecognizedCommand): string {
  if (spec === undefined || session.login.step !== 'done') return ''
  const request = readArgument(session, spec, argument)
  return 'code' in request || !request.namesPath ? '' : absolutePath(request)
}

function protection({ session, spec }: Request): FinalReply | undefined {
  const connection = spec.protects ?? (spec.transfers && 'data')
  return connection && session.handler.protectionMissing(connection)
}

function loginFirst({ session, spec, namesPath }: Request): FinalReply | undefined {
  if (session.login.step === 'done' || (spec.beforeLogin && !namesPath)) return undefined
  return reply(530, 'Log in with USER and PASS first.')
}

/** Asking for a path outside the root throws, which makes the 550 of the file system's own. */
function permission(request: Request, perm: PermissionLetter): Awaitable<FinalReply | undefined> {
  const granted = request.session.hasPerm(perm, absolutePath(request))
  return andThen(granted, (yes) => (yes ? undefined : reply(550, 'Not enough privileges.')))
}

/** Runs the command unless the state of the session forbids it. */
function runWhenPossible(request: Request): Awaitable<Reply> {
  const { session, spec } = request
  if (spec.endsWithEpsvAll && session.epsvAll) return reply(501, 'Not allowed after EPSV ALL.')
  if (!spec.transfers) return run(request)
  return andThen(session.dataConnection.ready(), (yes) =>
    yes ? run(request) : reply(425, 'No data connection: use PASV, EPSV, PORT or EPRT first.'),
  )
}

function run(request: Request): Awaitable<Reply> {
  const { session, spec, argument, value, namesPath } = request
  return spec.run(session, namesPath ? absolutePath(request) : argument, value)
}

function absolutePath({ session, spec, argument }: Request): string {
  const { fs } = session
  return spec.argument === 'parent' ? parentPath(fs.cwd) : fs.ftpnorm(argument)
}

/** `-a`, `-l`, `-al`, `-1` (NcFTP) … with or without a path behind them: what clients send out of habit. */
function withoutListOptions(argument: string): string {
  const options = /^-[aAlL1]+(?: (.*))?$/s.exec(argument)
  return options ? (options[1] ?? '') : argument
}

/** As much of an unknown verb as looks like one, and nothing behind a secret's: `PASS:12345` is a slip of the finger. */
function shown(verb: string, argument: string, table: CommandTable): string {
  const isFirstWord = Object.keys(table).some((each) => each.startsWith(`${verb} `))
  const words = isFirstWord ? `${verb} ${parseCommand(argument).verb}`.trimEnd() : verb
  const text = /^[!-~]{0,32}(?: [!-~]{0,32})?/.exec(words)?.[0] ?? ''
  return text.slice(0, endOfSecretVerb(table, text))
}

function own(table: CommandTable, verb: string): CommandSpec | undefined {
  return Object.hasOwn(table, verb) ? table[verb] : undefined
}
