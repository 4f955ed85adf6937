import fc, { type Arbitrary } from 'fast-check'
import { type Command, command } from './command.ts'
import type { Content, DataPlan } from './data-plan.ts'
import type { Handshake } from './encryption.ts'
import { PASSWORD } from './model.ts'

/** What a client says in one go, and what it does then. */
export interface Flight {
  readonly commands: readonly Command[]
  readonly cuts: readonly number[]
  readonly turns: number
  /** Waits for the replies, and to the end of a transfer; goes on at once; gives the transfer up. */
  readonly then: 'wait' | 'go on' | 'abort'
  /** In place of all that: asks for TLS, when all has been answered. */
  readonly secures?: Handshake
}

/** One session of one user's. */
export interface Script {
  readonly flights: readonly Flight[]
  readonly leaves: 'quit' | 'half' | 'fin' | 'rst'
}

const pick = <const T>(...values: readonly T[]): Arbitrary<T> => fc.constantFrom(...values)

const LONG = 'x'.repeat(300)
const names = fc.oneof(
  { weight: 6, arbitrary: pick('a', 'b.txt', 'c.bin', 'd', 'd/e', 'd/a') },
  { weight: 2, arbitrary: pick('/a', '/d', './b.txt', '../a', 'd/../a', '/d/', '..', '.', '/', 'e', 'f', 'd/g') },
  {
    weight: 1,
    arbitrary: pick('sp ace', 'ü', '日本', '"q"', '-l', '-la d', '*', 'a/x', 'missing/x', LONG, 'nul\0', ' '),
  },
)
const maybe = (argument: Arbitrary<string>) => fc.oneof({ weight: 3, arbitrary: argument }, fc.constant(''))
const said = (verb: string, argument: Arbitrary<string> = fc.constant('')): Arbitrary<Command> =>
  argument.map((text) => command(verb, text))

const sends: Arbitrary<Content> = fc.record({
  size: pick(0, 1, 2, 10, 500, 5000, 65_535, 65_536, 65_537, 200_000),
  text: pick('ab\r\n', '\n', 'x\r', '\r\n\r', '\0'),
})

const cuts = fc.array(fc.nat(70_000), { maxLength: 4 })

/** What a client does with a data connection: mostly what it should. */
const plans: Arbitrary<DataPlan> = fc.record({
  connects: fc.oneof({ weight: 5, arbitrary: pick('at once') }, pick('late', 'never', 'twice')),
  begins: pick('at once', 'late'),
  reads: pick<DataPlan['reads']>('all', 'all', 'all', 'all', 'slowly', 'nothing', 1, 1000, 70_000),
  leaves: pick('fin', 'rst'),
  sends,
  cuts,
  ends: fc.oneof({ weight: 5, arbitrary: pick('fin') }, pick('close', 'rst', 'not', 'cut')),
  turns: fc.nat(3),
  handshake: fc.oneof({ weight: 6, arbitrary: pick('whole', 'resumed') }, pick('junk', 'hello', 'fin', 'rst')),
})

const passive = fc
  .tuple(pick(command('PASV'), command('EPSV'), command('EPSV', '1')), plans)
  .map(([each, plan]): Command => ({ ...each, plan }))
const active = fc
  .tuple(pick('PORT', 'EPRT'), pick('listening', 'listening', 'listening', 'closed'), plans)
  .map(([verb, port, plan]) => command(verb, 'its own', { port, plan }))
const setUps = fc.oneof({ weight: 3, arbitrary: passive }, active)

const transfers = fc.oneof(
  said('RETR', names),
  said('STOR', names),
  said('APPE', names),
  said('STOU', maybe(names)),
  said('LIST', maybe(names)),
  said('NLST', maybe(names)),
  said('MLSD', maybe(names)),
)

const files = fc.oneof(
  ...['CWD', 'XCWD', 'MLST', 'STAT'].map((verb) => said(verb, maybe(names))),
  ...['MKD', 'XMKD', 'RMD', 'XRMD', 'DELE', 'RNFR', 'RNTO', 'SIZE', 'MDTM'].map((verb) => said(verb, names)),
  ...['CDUP', 'XCUP', 'PWD', 'XPWD'].map((verb) => said(verb)),
  fc
    .tuple(pick('20240229123456', '19991231235959', '20230229000000', '1', '20240101246060'), names)
    .map(([time, name]) => command('MFMT', `${time} ${name}`)),
  fc.tuple(pick('644', '0600', '755', '999', 'u+x'), names).map(([mode, name]) => chmod(`${mode} ${name}`)),
)

function chmod(argument: string): Command {
  return command('SITE CHMOD', argument)
}

const parameters = fc.oneof(
  said('TYPE', pick('I', 'I', 'A', 'a n', 'L 8', 'l7', 'E', 'I N')),
  said('REST', pick('0', '1', '10', '400', '65537', '999999999', '-1', 'x', '1 2')),
  said('STRU', pick('F', 'f', 'R', 'X')),
  said('MODE', pick('S', 'B', 'SB')),
  said('ALLO', pick('5', '5 R 3')),
  said('OPTS', pick('UTF8 ON', 'utf8 off', 'MLST type;size;', 'MLST', 'MLST type;size;modify;perm;', 'X')),
)

const information = fc.oneof(
  ...['NOOP', 'SYST', 'FEAT', 'STAT'].map((verb) => said(verb)),
  said('HELP', maybe(pick('RETR', 'site chmod', 'X'))),
  said('SITE HELP', maybe(pick('CHMOD', 'X'))),
)

const ports = fc.oneof(
  said('PORT', pick('1,2,3,4,5,6', '127,0,0,1,0,21', '1,2,3', '127,0,0,1,256,0', 'x')),
  said('EPRT', pick('|1|10.0.0.1|4000|', '|2|::1|4000|', '|3|x|1|', '|1|127.0.0.1|70000|', '||||', 'x')),
  said('EPSV', pick('2', '3', 'x')),
  ...[said('LPSV'), said('LPRT', pick('4,4,127,0,0,1,2,4,5'))],
)

const logins = (user: string) =>
  fc.oneof(
    said('USER', pick(user, user, 'nobody', `${user} `)),
    said('PASS', pick(PASSWORD, PASSWORD, 'wrong', '')),
    said('ACCT', pick('x')),
    said('REIN'),
  )

/** What protects data connections, of a server that speaks TLS. */
const security = fc.oneof(said('PBSZ', pick('0', '0', '4096', '-1')), said('PROT', pick('P', 'P', 'C', 'p', 'E', 'x')))

/** What no server knows, or does not take as it is. */
const oddities = fc.oneof(
  pick('HOST', 'SITE', 'site', 'XYZZY', 'CCC', 'SMNT', 'NOOP\t', 'PAS V', '', ' ', '\x01\x7f', 'RETR:a').map(unknown),
  pick('AUTH', 'PBSZ', 'PROT').map((verb) => command(verb, 'X')),
  ...['NOOP', 'PWD', 'CDUP', 'PASV', 'REIN', 'QUIT', 'ABOR', 'FEAT'].map((verb) => said(verb, pick('x', ' '))),
  ...['USER', 'ACCT', 'MKD', 'RETR', 'STOR', 'REST', 'PORT', 'MFMT', 'SITE CHMOD', 'TYPE'].map((verb) => said(verb)),
  ...['MFMT', 'SITE CHMOD'].map((verb) => said(verb, pick('20240101000000', '644'))),
  fc.nat(3000).map((more) => tooLong(2049 + more)),
  pick('ABOR', 'STAT').map((verb) => command(verb, '', { spelling: `\xff\xf4\xff\xf2${verb}` })),
  pick('NOOP', 'PWD', 'SYST').map((verb) => command(verb, '', { spelling: verb.toLowerCase(), isBare: true })),
)

function unknown(line: string): Command {
  const space = line.indexOf(' ')
  const verb = space === -1 ? line : line.slice(0, space)
  return command(verb.toUpperCase(), space === -1 ? '' : line.slice(space + 1), { spelling: verb })
}

function tooLong(bytes: number): Command {
  return command('', '', { spelling: 'NOOP '.padEnd(bytes, 'x'), isTooLong: true, text: `a line of ${bytes} bytes` })
}

/** Any command at all. */
const anyCommand = (user: string): Arbitrary<Command> =>
  fc.oneof(
    { weight: 8, arbitrary: files },
    { weight: 4, arbitrary: transfers },
    { weight: 4, arbitrary: setUps },
    { weight: 3, arbitrary: parameters },
    { weight: 3, arbitrary: information },
    { weight: 2, arbitrary: said('ABOR') },
    { weight: 2, arbitrary: oddities },
    { weight: 1, arbitrary: ports },
    { weight: 1, arbitrary: security },
    { weight: 1, arbitrary: logins(user) },
  )

const rare = (arbitrary: Arbitrary<Command>) => fc.array(arbitrary, { maxLength: 1 })

/** A data connection set up and used, and what is said meanwhile. */
const exchanges = (user: string): Arbitrary<readonly Command[]> =>
  fc
    .tuple(
      rare(pick(command('TYPE', 'I'), command('TYPE', 'A'))),
      setUps,
      rare(parameters),
      transfers,
      fc.array(anyCommand(user), { maxLength: 3 }),
    )
    .map(([type, setUp, parameter, transfer, meanwhile]) => [...type, setUp, ...parameter, transfer, ...meanwhile])

const flights = (user: string): Arbitrary<Flight> =>
  fc.record({
    commands: fc.oneof(fc.array(anyCommand(user), { minLength: 1, maxLength: 6 }), {
      weight: 2,
      arbitrary: exchanges(user),
    }),
    cuts: fc.oneof(fc.constant([]), fc.array(fc.nat(400), { maxLength: 8 })),
    turns: fc.nat(3),
    then: fc.oneof({ weight: 3, arbitrary: pick('wait') }, pick('go on', 'abort')),
  })

const told = (...commands: readonly Command[]): Flight => ({ commands, cuts: [], turns: 0, then: 'wait' })
const secured = (secures: Handshake): Flight => ({ ...told(), secures })

/** A session of which much is encrypted. */
export const secretScripts = (user: string, maxFlights = 12): Arbitrary<Script> =>
  fc
    .record({
      script: scripts(user, maxFlights),
      handshake: fc.oneof({ weight: 9, arbitrary: pick('whole') }, pick('junk', 'hello', 'fin', 'rst')),
      protection: pick('P', 'P', 'P', 'C'),
      at: fc.oneof({ weight: 3, arbitrary: pick(0) }, fc.nat(maxFlights)),
    })
    .map(({ script: { flights, leaves }, handshake, protection, at }) => {
      const protect = told(command('PBSZ', '0'), command('PROT', protection))
      // Whoever asks for TLS has to log in again.
      const login = at === 0 ? [] : [logIn(user)]
      return {
        flights: [...flights.slice(0, at), secured(handshake), protect, ...login, ...flights.slice(at)],
        leaves,
      }
    })

/** A session: mostly one that begins with a login. */
export const scripts = (user: string, maxFlights = 12): Arbitrary<Script> =>
  fc
    .record({
      logsIn: fc.oneof({ weight: 7, arbitrary: fc.constant(true) }, fc.constant(false)),
      flights: fc.array(flights(user), { maxLength: maxFlights }),
      leaves: pick<Script['leaves']>('quit', 'half', 'fin', 'rst'),
    })
    .map(({ logsIn, flights, leaves }) => ({ flights: logsIn ? [logIn(user), ...flights] : flights, leaves }))

function logIn(user: string): Flight {
  return told(command('USER', user), command('PASS', PASSWORD), command('TYPE', 'I'))
}
