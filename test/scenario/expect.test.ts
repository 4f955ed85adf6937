import { expect, test } from 'vitest'
import { commandDetail, type EventDetail, type FtpEvent } from '../../src/handlers/events.ts'
import { checkExpectation } from '../../src/scenario/expect/check.ts'
import type { Evidence, FileEvidence } from '../../src/scenario/expect/evidence.ts'
import type { Expectation } from '../../src/scenario/expect/schema.ts'
import { loadExpectation } from '../../src/scenario/load.ts'

const MINUTE = 60_000

/** Events of session 1, a millisecond apart, unless they say otherwise. */
function timeLine(
  ...details: readonly (EventDetail & { readonly at?: number; readonly session?: number })[]
): FtpEvent[] {
  return details.map(
    (detail, at) => Object.defineProperties({ at, session: 1 }, Object.getOwnPropertyDescriptors(detail)) as FtpEvent,
  )
}

/** The command of a line; what is behind PASS is masked, as a server does it. */
function command(line: string, session = 1) {
  const [verb = '', ...words] = line.split(' ')
  return { ...commandDetail(verb, words.join(' ')), session }
}

function transfer(path: string, differing: object = {}) {
  const usual = {
    verb: 'RETR',
    direction: 'sent',
    bytes: 10,
    restartMarker: 0,
    representation: 'I',
    durationMs: 1,
  } as const
  return { type: 'transfer', path, outcome: 'completed', ...usual, ...differing } as const
}

const connect = { type: 'connect', remoteAddress: '127.0.0.1', remotePort: 1, localPort: 2 } as const
const disconnect = { type: 'disconnect', durationMs: 1 } as const

function evidence(events: readonly FtpEvent[], files: Readonly<Record<string, FileEvidence>> = {}): Evidence {
  return {
    events,
    file: async (path) => files[path],
    fileOf: async ({ path }) => files[path],
  }
}

/** What was missed, each with its place. */
async function missed(expected: Expectation, events: readonly FtpEvent[], files = {}): Promise<string[]> {
  const failures = await checkExpectation(loadExpectation(expected), evidence(events, files))
  return failures.map(({ place, problem }) => `${place}: ${problem}`)
}

const retried = timeLine(
  connect,
  command('USER user'),
  command('PASS secret'),
  command('PASV'),
  command('RETR a.bin'),
  command('REST 10'),
  command('RETR sub/b.bin'),
)

test.each<[Expectation['commands']]>([
  [['USER', 'RETR', 'REST', 'RETR']],
  [['retr', 'REST 10', 'RETR *.bin']],
  [['{PASV,EPSV}', 'RETR']],
  [{ exactly: ['USER', 'PASS', 'PASV', 'RETR', 'REST', 'RETR sub/*'] }],
  [{ inOrder: ['RETR'], never: ['DELE', 'RETR *.txt'], session: 1 }],
  [[{ exactly: [], session: 2 }, { inOrder: ['REST'] }]],
])('commands that came as expected: %j', async (commands) => {
  expect(await missed({ commands }, retried)).toEqual([])
})

test.each<[Expectation['commands'], string]>([
  [
    ['REST', 'RETR', 'RETR'],
    'commands.inOrder[2]: RETR did not come behind RETR; it came 2 times, and not once more from there on.',
  ],
  [['RETR *.txt'], 'commands.inOrder[0]: RETR *.txt did not come; what came was RETR a.bin, RETR sub/b.bin.'],
  [['DELE'], 'commands.inOrder[0]: DELE did not come; the commands were USER, PASS, PASV, RETR, REST, RETR.'],
  [{ inOrder: ['USER'], session: 2 }, 'commands.inOrder[0]: USER did not come; no command came at all.'],
  [{ exactly: ['USER', 'PASS', 'EPSV'] }, 'commands.exactly[2]: command 3 was PASV, not EPSV.'],
  [{ exactly: ['USER'] }, 'commands.exactly[1]: PASS secret came behind the 1 command expected.'],
  [
    { exactly: ['USER', '*', '*', '*', '*', '*', 'QUIT'] },
    'commands.exactly[6]: QUIT did not come: there were 6 commands, and 7 are expected.',
  ],
  [
    { never: ['DELE', 'RETR *.bin'] },
    'commands.never[1]: RETR *.bin is never to come, and came: RETR a.bin, RETR sub/b.bin.',
  ],
  [[{ inOrder: ['USER'] }, { never: ['USER'] }], 'commands[1].never[0]: USER is never to come, and came: USER user.'],
])('commands that did not: %j', async (commands, problem) => {
  expect(await missed({ commands }, retried)).toEqual([problem])
})

test('two words are a verb, or a verb and its argument', async () => {
  const events = timeLine(commandDetail('SITE CHMOD', '644 a.txt'), commandDetail('SITE', 'UTIME a.txt'))
  expect(await missed({ commands: ['SITE CHMOD', 'SITE UTIME *'] }, events)).toEqual([])
  expect(await missed({ commands: ['SITE CHMOD 644 *', 'SITE'] }, events)).toEqual([])
  expect(await missed({ commands: ['SITE CHMOD 600 *'] }, events)).toHaveLength(1)
})

test('a verb alone is also that of a command of two words; an argument may be the second of them', async () => {
  const events = timeLine(commandDetail('SITE CHMOD', '644 a.txt'), commandDetail('SITE CHMOD', ''))
  expect(await missed({ commands: { exactly: ['SITE', 'SITE CH?OD'] } }, events)).toEqual([])
})

/** The marks of what was missed: their words, before or behind which event. */
async function marks(expected: Expectation, events: readonly FtpEvent[]): Promise<unknown[]> {
  const failures = await checkExpectation(loadExpectation(expected), evidence(events))
  return failures.flatMap(({ marks = [] }) =>
    marks.map(({ text, event, side }) => [text, side, event === undefined ? undefined : events.indexOf(event)]),
  )
}

test.each<[Expectation, unknown[]]>([
  [{ commands: ['USER', 'DELE'] }, [['expected here: DELE', 'before', 2]]],
  [{ commands: ['USER', 'PASS', 'PASV', 'USER'] }, [['expected here: USER', 'before', 4]]],
  [{ commands: ['REST', 'RETR', 'RETR'] }, [['expected here: RETR', 'before', undefined]]],
  [{ commands: { exactly: ['USER'] } }, [['not expected', 'behind', 2]]],
  [
    { commands: { exactly: ['USER', 'EPSV'] } },
    [
      ['expected here: EPSV', 'before', 2],
      ['not expected here', 'behind', 2],
    ],
  ],
  [
    { commands: { exactly: ['USER', '*', '*', '*', '*', '*', 'QUIT'] } },
    [['expected here: QUIT', 'before', undefined]],
  ],
  [
    { commands: { never: ['RETR'] } },
    [
      ['never expected: RETR', 'behind', 4],
      ['never expected: RETR', 'behind', 6],
    ],
  ],
])('where the dialogue parted from %j', async (expected, places) => {
  expect(await marks(expected, retried)).toEqual(places)
})

test('a secret argument is compared as it came, and not shown', async () => {
  const events = timeLine(commandDetail('PASS', 'hunter2', true))
  expect(await missed({ commands: ['PASS hunter2'] }, events)).toEqual([])
  const [problem] = await missed({ commands: ['PASS other'] }, events)
  expect(problem).toContain('what came was PASS ***')
})

test('commands are counted over all sessions, in the order of their arrival', async () => {
  const events = timeLine(command('NOOP', 2), command('PWD', 1), command('QUIT', 2))
  expect(await missed({ commands: { exactly: ['NOOP', 'PWD', 'QUIT'] } }, events)).toEqual([])
  expect(await missed({ commands: { exactly: ['NOOP', 'QUIT'], session: 1 } }, events)).toEqual([])
})

const cutAndResumed = timeLine(
  transfer('/a.bin', { outcome: 'aborted', bytes: 4096 }),
  transfer('/a.bin', { restartMarker: 4096, bytes: 61440 }),
  transfer('/up/b.txt', { verb: 'APPE', direction: 'received' }),
)

type Transfer = NonNullable<Expectation['transfers']>[number]

test.each<[Transfer]>([
  [{ path: '/a.bin', complete: true, resumed: true, bytes: 61440 }],
  [{ path: '/a.bin', complete: false, bytes: '4KiB', resumed: false }],
  [{ path: '**/*.txt', verb: 'appe', direction: 'received', resumed: true, times: 1 }],
  [{ path: '/a.bin', bytes: '>=4KiB', times: 2 }],
  [{ path: '/a.bin', bytes: '<=4096', times: { max: 1 } }],
  [{ bytes: '>60KiB', times: 0 }],
  [{ bytes: '<10', times: 0 }],
  [{ times: { min: 2, max: 3 } }],
])('transfers that were as expected: %j', async (one) => {
  expect(await missed({ transfers: [one] }, cutAndResumed)).toEqual([])
})

test.each<[Transfer, string]>([
  [{ path: '/c' }, 'a transfer (of /c): there was none; the transfers were RETR of /a.bin, APPE of /up/b.txt.'],
  [
    { path: '/c', times: 2 },
    'a transfer (of /c): there was none, expected 2; the transfers were RETR of /a.bin, APPE of /up/b.txt.',
  ],
  [
    { path: '/a.bin', complete: true, resumed: false },
    'a transfer (of /a.bin, complete, not resumed): there was none; near is "RETR sent 4096 bytes of /a.bin (TYPE I) in 1.0 ms, aborted", but expected: complete.',
  ],
  [
    { path: '/a.bin', complete: true, times: 2 },
    'a transfer (of /a.bin, complete): there was 1, expected 2; near is "RETR sent 4096 bytes of /a.bin (TYPE I) in 1.0 ms, aborted", but expected: complete.',
  ],
  [{ path: '/a.bin', times: { max: 1 } }, 'a transfer (of /a.bin): there were 2, expected 1 at most.'],
  [{ times: 0 }, 'a transfer: there were 3, expected none.'],
])('transfers that were not: %j', async (one, problem) => {
  expect(await missed({ transfers: [one] }, cutAndResumed)).toEqual([`transfers[0]: ${problem}`])
})

test.each<[Transfer, number]>([
  [{ verb: 'retr' }, 2],
  [{ verb: 'APPE' }, 1],
  [{ direction: 'sent' }, 2],
  [{ direction: 'received' }, 1],
  [{ complete: true }, 2],
  [{ complete: false }, 1],
  [{ resumed: true }, 2],
  [{ resumed: false }, 1],
  [{ bytes: 4096 }, 1],
  [{ bytes: '>=4KiB' }, 2],
  [{ bytes: '>4KiB' }, 1],
  [{ bytes: '<=4KiB' }, 2],
  [{ bytes: '<4KiB' }, 1],
])('transfers are told apart: %j are %i', async (one, times) => {
  expect(await missed({ transfers: [{ ...one, times }] }, cutAndResumed)).toEqual([])
})

test('a path may be hidden, or have quotes in it', async () => {
  const events = timeLine(transfer('/.rc'), transfer('/"a"'))
  expect(await missed({ transfers: [{ path: '/*', times: 2 }] }, events)).toEqual([])
  expect(await missed({ transfers: [{ path: '/"a"', times: 1 }] }, events)).toEqual([])
})

const THERE = 'there was none; the transfers were RETR of /a.bin, APPE of /up/b.txt'
const ZEROS = '0'.repeat(64)

test.each<[Transfer, string]>([
  [
    { path: '/c', verb: 'STOR', direction: 'received', complete: false, bytes: 1, resumed: true, sha256: ZEROS },
    `a transfer (of /c, by STOR, received, not complete, 1 byte, resumed, SHA-256 ${ZEROS}): ${THERE}.`,
  ],
  [{ path: '/c', bytes: '>=2' }, `a transfer (of /c, >=2 bytes): ${THERE}.`],
  [{ path: '/b.txt' }, `a transfer (of /b.txt): ${THERE}; **/b.txt would be met by /up/b.txt.`],
  [{ path: '/*.txt' }, `a transfer (of /*.txt): ${THERE}; "*" stops at "/"; **/*.txt would be met by /up/b.txt.`],
  [{ path: '/no/b.txt' }, `a transfer (of /no/b.txt): ${THERE}.`],
  [
    { verb: 'APPE', direction: 'received', bytes: 11 },
    'a transfer (by APPE, received, 11 bytes): there was none; near is "APPE received 10 bytes of /up/b.txt (TYPE I) in 1.0 ms, completed", but expected: 11 bytes.',
  ],
  [
    { bytes: '>=4KiB', times: 3 },
    'a transfer (>=4096 bytes): there were 2, expected 3; near is "APPE received 10 bytes of /up/b.txt (TYPE I) in 1.0 ms, completed", but expected: >=4096 bytes.',
  ],
])('what is expected of a transfer is told in words, and the nearest one: %j', async (one, problem) => {
  expect(await missed({ transfers: [one] }, cutAndResumed)).toEqual([`transfers[0]: ${problem}`])
})

test.each<[Transfer, unknown[]]>([
  [{ path: '/c' }, [['expected by here: a transfer (of /c)', 'behind', undefined]]],
  [{ bytes: 11, verb: 'APPE' }, [['expected: 11 bytes', 'behind', 2]]],
  [{ path: '/a.bin', times: { max: 1 } }, [['one too many', 'behind', 1]]],
  [{ path: '/up/**', times: 0 }, [['transferred, though it should not have been', 'behind', 2]]],
])('where the dialogue parted from a transfer: %j', async (one, places) => {
  expect(await marks({ transfers: [one] }, cutAndResumed)).toEqual(places)
})

test('where there was no transfer, that is said', async () => {
  const [problem] = await missed({ transfers: [{ path: '/a' }] }, timeLine(connect))
  expect(problem).toContain('there was no transfer at all')
})

const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

function file(content: string, isDirectory = false): FileEvidence {
  return { isDirectory, size: content.length, content: async () => Buffer.from(content), sha256: async () => HELLO }
}

test('files: that they are there, how long they are and what is in them', async () => {
  const files = { 'a.txt': file('hello'), d: file('', true) }
  const well = {
    'a.txt': { content: 'hello', size: 5, sha256: HELLO.toUpperCase() },
    d: true,
    no: false,
    none: { absent: true },
  }
  expect(await missed({ files: well }, [], files)).toEqual([])
  const wrong: Expectation = {
    files: { 'a.txt': 'hallo', d: { size: 0 }, no: true, none: { absent: false } },
  }
  expect(await missed(wrong, [], files)).toEqual([
    'files["a.txt"]: it holds "hello", not "hallo".',
    'files["d"]: it is a directory, not a file.',
    'files["no"]: it does not exist.',
    'files["none"]: it does not exist.',
  ])
  const others: Expectation = { files: { 'a.txt': false } }
  expect(await missed(others, [], files)).toEqual(['files["a.txt"]: it is there, and should not be.'])
  const sum = { files: { 'a.txt': { sha256: '0'.repeat(64) } } }
  expect(await missed(sum, [], files)).toEqual([`files["a.txt"]: its SHA-256 is ${HELLO}, not ${'0'.repeat(64)}.`])
})

test('content, size and SHA-256 each count', async () => {
  const files = { a: file('hello') }
  expect(await missed({ files: { a: 'hello' } }, [], files)).toEqual([])
  expect(await missed({ files: { a: { size: 6 } } }, [], files)).toEqual(['files["a"]: it has 5 bytes, not 6.'])
  const [wrongSum] = await missed({ files: { a: { content: 'hello', sha256: '0'.repeat(64) } } }, [], files)
  expect(wrongSum).toContain('its SHA-256 is')
})

test.each([
  ['x'.repeat(60), 'y'.repeat(60), /it holds "y{60}", not "x{60}"/],
  ['x'.repeat(61), 'x'.repeat(60), /it has 60 bytes, expected 61; from byte 60 on it goes "", not "x"/],
  ['x'.repeat(60), 'x'.repeat(61), /it has 61 bytes, expected 60; from byte 60 on it goes "x", not ""/],
])('files that are short are shown whole: %j', async (expected, found, problem) => {
  const [told] = await missed({ files: { a: expected } }, [], { a: file(found) })
  expect(told).toMatch(problem)
})

test('of long files, the first difference is shown', async () => {
  const found = await missed({ files: { a: `${'x'.repeat(100)}END` } }, [], { a: file(`${'x'.repeat(100)}end`) })
  expect(found).toEqual(['files["a"]: it has 103 bytes, expected 103; from byte 100 on it goes "end", not "END".'])
})

test('the SHA-256 of a transfer is that of its file', async () => {
  const events = timeLine(transfer('/a.txt'))
  const files = { '/a.txt': file('hello') }
  expect(await missed({ transfers: [{ sha256: HELLO }] }, events, files)).toEqual([])
  expect(await missed({ transfers: [{ sha256: '0'.repeat(64) }] }, events, files)).toHaveLength(1)
  expect(await missed({ transfers: [{ sha256: HELLO }] }, events)).toHaveLength(1)
})

test('sessions count that connected or said something, and not those that merely ended', async () => {
  const events = timeLine({ ...disconnect, session: 1 }, { ...connect, session: 2 }, command('NOOP', 3))
  expect(await missed({ sessions: 2 }, events)).toEqual([])
  expect(await missed({ sessions: { min: 1 } }, events)).toEqual([])
  expect(await missed({ sessions: 3 }, events)).toEqual(['sessions: there were 2 sessions, expected 3.'])
  expect(await missed({ sessions: 2 }, timeLine(connect))).toEqual(['sessions: there was 1 session, expected 2.'])
  expect(await missed({ sessions: { max: 1 } }, events)).toEqual(['sessions: there were 2 sessions, expected 0 to 1.'])
  expect(await missed({ sessions: { min: 3 } }, events)).toEqual([
    'sessions: there were 2 sessions, expected 3 at least.',
  ])
})

test('quit: every session that ended has said so, or none', async () => {
  const polite = timeLine(connect, command('QUIT'), disconnect)
  const rude = timeLine(connect, command('NOOP'), disconnect)
  const open = timeLine(connect, command('NOOP'))
  expect(await missed({ quit: true }, polite)).toEqual([])
  expect(await missed({ quit: true }, open)).toEqual([])
  // Of a session of an earlier time, only its end is there.
  expect(await missed({ quit: true }, timeLine(disconnect))).toEqual([])
  expect(await missed({ quit: true }, rude)).toEqual(['quit: session 1 ended without QUIT.'])
  expect(await marks({ quit: true }, rude)).toEqual([['expected before: QUIT', 'before', 2]])
  expect(await marks({ quit: false }, polite)).toEqual([['QUIT not expected', 'before', 2]])
  // A fault that speaks of QUIT is none that the client said.
  const spoken = { type: 'fault', scenario: '', rule: '', fault: 'delay', effect: '', verb: 'QUIT' } as const
  expect(await missed({ quit: true }, timeLine(connect, spoken, disconnect))).toHaveLength(1)
  expect(await missed({ quit: false }, rude)).toEqual([])
  expect(await missed({ quit: false }, polite)).toEqual(['quit: session 1 said QUIT, which none should.'])
})

test('within: from the first event of a session to the last', async () => {
  const events = timeLine(
    { type: 'warning', message: '', session: 0 },
    { ...connect, at: MINUTE },
    { ...command('NOOP'), at: MINUTE + 59_500 },
    { ...disconnect, at: 2 * MINUTE },
  )
  expect(await missed({ within: 1 }, [])).toEqual([])
  expect(await marks({ within: '59s' }, events)).toEqual([['all expected before this', 'before', 2]])
  expect(await missed({ within: '1m' }, events)).toEqual([])
  expect(await missed({ within: '59s' }, events)).toEqual(['within: it took 60.0 s, expected 59.0 s at most.'])
})

test.each<[unknown, string]>([
  [{}, 'something to expect'],
  [{ comands: ['RETR'] }, 'comands'],
  [{ commands: [] }, 'one command at least'],
  [{ commands: ['RETR '] }, 'a glob for its argument'],
  [{ commands: { session: 1 } }, 'one of inOrder, exactly and never'],
  [{ commands: { inOrder: ['A'], exactly: ['A'] } }, 'inOrder or exactly'],
  [{ transfers: [] }, '{ times: 0 }'],
  [{ files: {} }, 'one file at least'],
  [{ transfers: [{}] }, 'something to tell transfers by'],
  [{ transfers: [{ path: 'a.bin' }] }, 'a glob for an absolute path'],
  [{ transfers: [{ bytes: '>=many' }] }, "'>=64KiB'"],
  [{ transfers: [{ sha256: 'abc' }] }, '64 digits'],
  [{ files: { a: { absent: true, size: 1 } } }, 'absent alone'],
  [{ sessions: { min: 2, max: 1 } }, 'a min that is not above max'],
  [{ within: 'soon' }, 'milliseconds'],
])('an expectation that is none is refused: %j', (expected, message) => {
  expect(() => loadExpectation(expected as Expectation)).toThrow(/^expectation/)
  expect(() => loadExpectation(expected as Expectation)).toThrow(message)
})
