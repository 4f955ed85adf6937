import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { Transcript } from '../../src/fixture/transcript.ts'
import { type FtpEvent, startFtpServer } from '../../src/index.ts'
import { stableDialogue, transcriptSerializer } from '../../src/matchers.ts'
import { ClientDirectory } from '../support/clients.ts'
import { RawClient } from '../support/raw-client.ts'
import { visit } from './played.ts'

expect.addSnapshotSerializer(transcriptSerializer)

const AT = Date.UTC(2026, 0, 2, 3, 4, 5)

type Detail<E = FtpEvent> = E extends unknown ? Omit<E, 'at' | 'session'> & { readonly session?: number } : never

/** The stable dialogue of events, all of one session unless they say otherwise. */
function dialogueOf(...events: Detail[]): string {
  const transcript = new Transcript()
  for (const event of events) transcript.add({ at: AT, session: 4, ...event } as FtpEvent)
  return stableDialogue(transcript)
}

function command(verb: string, argument = ''): Detail {
  return { type: 'command', verb, argument, line: argument === '' ? verb : `${verb} ${argument}` }
}

function reply(verb: string, code: number, ...lines: string[]): Detail {
  return { type: 'reply', verb, code, lines, durationMs: 1 }
}

const opened: Detail = { type: 'data-open', mode: 'passive', remoteAddress: '127.0.0.1', remotePort: 5 }

function transfer(verb: string, path: string, more: object = {}): Detail {
  const bytes = { bytes: 5, restartMarker: 0, representation: 'I', outcome: 'completed', durationMs: 3 } as const
  return { type: 'transfer', verb, path, direction: 'sent', ...bytes, ...more }
}

test('a transcript in a snapshot is its dialogue, and so is a server', async () => {
  await using ftp = await startFtpServer({ files: { 'pub/hello.txt': 'hello\n' } })
  await visit(ftp)
  expect(ftp.transcript).toMatchInlineSnapshot(`
    # connected from 127.0.0.1:PORT
    S: 220 ftp-fixture VERSION ready.
    C: USER user
    S: 331 Username ok, send password.
    C: PASS ***
    # user logged in
    S: 230 Login successful.
    C: TYPE I
    S: 200 Type set to: Binary.
    C: PASV
    S: 227 Entering passive mode (127,0,0,1,PORT).
    C: RETR pub/hello.txt
    S: 150 File status okay. About to open data connection.
    # data connection from 127.0.0.1:PORT
    # RETR sent 6 bytes of /pub/hello.txt (TYPE I), completed
    S: 226 Transfer complete.
    C: PASV
    S: 227 Entering passive mode (127,0,0,1,PORT).
    C: STOR upload.txt
    S: 150 File status okay. About to open data connection.
    # data connection from 127.0.0.1:PORT
    # STOR received 9 bytes of /upload.txt (TYPE I), completed
    S: 226 Transfer complete.
    C: QUIT
    S: 221 Goodbye.
  `)
  expect(`${transcriptSerializer.serialize(ftp)}\n`).toBe(stableDialogue(ftp.transcript))
  const once = stableDialogue(ftp)
  await visit(ftp)
  expect(stableDialogue(ftp)).toBe(`# session 1\n${once}\n# session 2\n${once}`)
})

test('within something else it is set off as much as that is', () => {
  const transcript = new Transcript()
  transcript.add({ at: AT, session: 1, ...command('SYST') } as FtpEvent)
  transcript.add({ at: AT, session: 1, ...reply('SYST', 215, 'UNIX') } as FtpEvent)
  expect({ transcript }).toMatchInlineSnapshot(`
    {
      "transcript": C: SYST
      S: 215 UNIX,
    }
  `)
})

test('what a server says of ports, dates, machines and itself is put in words', async () => {
  await using ftp = await startFtpServer({
    files: { 'old.txt': { content: 'old', modified: '1999-12-31T23:59:59Z', mode: 0o644 }, 'new.txt': 'new' },
  })
  await using client = await RawClient.login(ftp)
  ftp.transcript.clear()
  await client.passiveAddress('PASV')
  await client.passiveAddress('EPSV')
  await client.command('PORT 127,0,0,1,200,1')
  await client.command('EPRT |1|127.0.0.1|51201|')
  await client.command('MDTM old.txt')
  await client.command('MDTM new.txt')
  await client.command('MLST old.txt')
  await client.command('STAT old.txt')
  await client.command('STAT')
  await client.command('SIZE a|1|2|3|4|', 550)
  await client.command('SIZE 1,2,3,4,5,6', 550)
  expect(ftp.transcript).toMatchInlineSnapshot(`
    C: PASV
    S: 227 Entering passive mode (127,0,0,1,PORT).
    C: EPSV
    S: 229 Entering extended passive mode (|||PORT|).
    C: PORT 127,0,0,1,PORT
    S: 425 Can't connect to 127.0.0.1:PORT: ECONNREFUSED.
    C: EPRT |1|127.0.0.1|PORT|
    S: 425 Can't connect to 127.0.0.1:PORT: ECONNREFUSED.
    C: MDTM old.txt
    S: 213 19991231235959
    C: MDTM new.txt
    S: 213 TIMESTAMP
    C: MLST old.txt
    S: 250-Listing "/old.txt":
    S:  type=file;perm=adfrw;size=3;modify=19991231235959;unique=…; /old.txt
    S: 250 End MLST.
    C: STAT old.txt
    S: 213-Status of "/old.txt":
    S: -rw-r--r-- LINKS OWNER GROUP 3 DATE old.txt
    S: 213 End of status.
    C: STAT
    S: 211-FTP server status:
    S:  Connected to: 127.0.0.1:PORT
    S:  Logged in as: user
    S:  TYPE: Image; STRUcture: File; MODE: Stream
    S:  Data connection: closed
    S:  Bytes sent: 0; bytes received: 0
    S: 211 End of status.
    C: SIZE a|1|2|3|4|
    S: 550 No such file or directory.
    C: SIZE 1,2,3,4,5,6
    S: 550 No such file or directory.
  `)
})

test('a data connection stands with its transfer, whoever was faster', () => {
  const slow = [
    command('EPSV'),
    reply('EPSV', 229, 'Entering extended passive mode (|||5|).'),
    command('RETR', 'a'),
    reply('RETR', 150, 'File status okay. About to open data connection.'),
    opened,
    transfer('RETR', '/a'),
    reply('RETR', 226, 'Transfer complete.'),
  ]
  const fast = [
    ...slow.slice(0, 2),
    opened,
    command('RETR', 'a'),
    reply('RETR', 125, 'Data connection already open. Transfer starting.'),
    transfer('RETR', '/a'),
    reply('RETR', 226, 'Transfer complete.'),
  ]
  expect(dialogueOf(...fast)).toBe(dialogueOf(...slow))
})

test('replies stand with their commands, and what was said unasked behind them', () => {
  const dialogue = dialogueOf(
    reply('', 220, 'ftp-fixture 0.1.0 ready.'),
    command('RETR', 'a'),
    command('ABOR'),
    reply('RETR', 150, 'File status okay. About to open data connection.'),
    opened,
    transfer('RETR', '/a', { outcome: 'aborted', bytes: 3210, reason: 'reset' }),
    reply('RETR', 426, 'Transfer aborted.'),
    reply('ABOR', 226, 'Done.'),
    reply('', 421, 'Control connection timed out.'),
    { type: 'logout', username: 'user' },
    { type: 'disconnect', durationMs: 5, error: 'ECONNRESET' },
  )
  expect(dialogue).toBe(`S: 220 ftp-fixture VERSION ready.
C: RETR a
S: 150 File status okay. About to open data connection.
# data connection from 127.0.0.1:PORT
# RETR sent /a (TYPE I), aborted
S: 426 Transfer aborted.
C: ABOR
S: 226 Done.
S: 421 Control connection timed out.
`)
})

test('what the server does of its own accord comes behind what it was asked for', () => {
  const dialogue = dialogueOf(
    command('RETR', 'a'),
    reply('RETR', 150, 'Ok.'),
    transfer('RETR', '/a'),
    reply('RETR', 226, 'Done.'),
    { type: 'fault', scenario: 's', rule: 'r', fault: 'f', verb: '', effect: 'idle for too long' },
    reply('', 421, 'Bye.'),
  )
  expect(dialogue).toMatch(/S: 226 Done\.\n# s, r: idle for too long\nS: 421 Bye\.\n$/)
})

test('sessions stand one after the other, and the server behind them', () => {
  const dialogue = dialogueOf(
    { type: 'warning', message: 'careful', session: 0 },
    { ...command('NOOP'), session: 7 },
    { ...command('SYST'), session: 5 },
    { type: 'disconnect', durationMs: 5, session: 2 },
    { ...reply('NOOP', 200, 'Ok.'), session: 7 },
  )
  expect(dialogue).toBe(`# session 1
C: SYST

# session 2
C: NOOP
S: 200 Ok.

# server
# warning: careful
`)
})

test('the directory served is put in words where it is named, and not where there is more to a name', async () => {
  await using directory = await ClientDirectory.create()
  await using own = await startFtpServer({ root: directory.path })
  await using all = await startFtpServer({ root: '/' })
  for (const ftp of [own, all]) {
    await using client = await RawClient.login(ftp)
    ftp.transcript.clear()
    for (const name of ['/none', '-x/none', 's']) await client.command(`SIZE ${directory.path}${name}`, 550)
    await client.command('CWD /', 250)
  }
  const named = stableDialogue(own)
    .split('\n')
    .filter((line) => line.includes('ROOT'))
  expect(named).toEqual(['C: SIZE ROOT/none'])
  expect(stableDialogue(all)).toContain('C: CWD /\n')
})

test('names that were made up and places of this run are put in words', () => {
  const root = `${tmpdir()}/ftp-fixture-123-AbCdEf`
  const dialogue = dialogueOf(
    { type: 'login', username: 'lane-7' },
    { type: 'login', username: 'lane-812-a-test' },
    command('STOU'),
    reply('STOU', 125, 'FILE: ftp.x8Jk2'),
    transfer('STOU', '/ftp.x8Jk2'),
    { type: 'warning', message: `cannot read "${root}/a"` },
    { type: 'warning', message: `cannot read ${tmpdir()}/mine-a8Bc9D/b` },
    { type: 'fault', scenario: 's', rule: 'r', fault: 'f', verb: 'PASV', effect: 'port 40123 is closed' },
    command('MFMT', '20260102050607 a'),
    command('MFMT', '19991231235959 a'),
  )
  expect(dialogue).toMatchInlineSnapshot(`
    "# LANE logged in
    # LANE logged in
    C: STOU
    S: 150 FILE: ftp.UNIQUE
    # warning: cannot read "ROOT/a"
    # warning: cannot read TMP/b
    # s, r: port PORT is closed
    # STOU sent 5 bytes of /ftp.UNIQUE (TYPE I), completed
    C: MFMT TIMESTAMP a
    C: MFMT 19991231235959 a
    "
  `)
})
