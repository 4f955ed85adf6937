import { PassThrough, Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { expect, test } from 'vitest'
import { type FtpFixture, type FtpHandle, randomBytes, startFtpServer } from '../../src/index.ts'
import { assertFtp, stableDialogue } from '../../src/matchers.ts'
import { ClientDirectory, isInstalled, outputOf } from '../support/clients.ts'

const TIMES = 30
/** Programs of their own take a while to start. */
const TIMES_OF_PROGRAMS = 6
const content = randomBytes('70KiB', { seed: 1 })

function start(tls: boolean): Promise<FtpFixture> {
  return startFtpServer({ tls, files: { 'pub/hello.txt': 'hello\n', 'pub/big.bin': content } })
}

/** A visit of basic-ftp: a listing, a download, an upload. */
async function visit(ftp: FtpHandle): Promise<void> {
  const client = new Client()
  const { host, port, username: user, password, ca } = ftp
  await client.access({ host, port, user, password, ...(ca && { secure: true, secureOptions: { ca } }) })
  await client.list('pub')
  await client.downloadTo(new PassThrough().resume(), 'pub/big.bin')
  await client.uploadFrom(Readable.from([content]), 'upload.bin')
  await client.lastMod('pub/hello.txt')
  client.close()
}

/** Has a dialogue played by a server of its own, over and over, then by several of them at once. */
async function dialoguesOf(
  play: (ftp: FtpFixture) => Promise<void>,
  { tls = false, times = TIMES }: { readonly tls?: boolean; readonly times?: number } = {},
): Promise<string[]> {
  const dialogue = async () => {
    await using ftp = await start(tls)
    await play(ftp)
    await assertFtp(ftp).toHaveNoOpenSessions()
    return stableDialogue(ftp.transcript)
  }
  const dialogues: string[] = []
  for (let time = 0; time < times; time++) dialogues.push(await dialogue())
  return [...dialogues, ...(await Promise.all(Array.from({ length: times }, dialogue)))]
}

/** What clients did behind their logins, and what came of it, without the replies. */
function doingsIn(dialogue = ''): string {
  const sessions = dialogue.split('\n\n').map((session) => session.replace(/^.*# user logged in\n/s, ''))
  return sessions.join('\n\n').replace(/^S: .*\n/gm, '')
}

test('a dialogue of basic-ftp is the same every time', async () => {
  const dialogues = await dialoguesOf(visit)
  expect(new Set(dialogues)).toHaveLength(1)
  expect(dialogues[0]).toMatchInlineSnapshot(`
    "# connected from 127.0.0.1:PORT
    S: 220 ftp-fixture VERSION ready.
    C: OPTS UTF8 ON
    S: 530 Log in with USER and PASS first.
    C: USER user
    S: 331 Username ok, send password.
    C: PASS ***
    # user logged in
    S: 230 Login successful.
    C: FEAT
    S: 211-Features supported:
    S:  EPRT
    S:  EPSV
    S:  MDTM
    S:  MFMT
    S:  MLST type*;perm*;size*;modify*;create;unique*;unix.mode;unix.uid;unix.gid;
    S:  REST STREAM
    S:  SIZE
    S:  TVFS
    S:  UTF8
    S: 211 End FEAT.
    C: TYPE I
    S: 200 Type set to: Binary.
    C: STRU F
    S: 200 File transfer structure set to: F.
    C: OPTS UTF8 ON
    S: 200 Always in UTF8 mode.
    C: OPTS MLST type;size;modify;unique;unix.mode;unix.owner;unix.group;unix.ownername;unix.groupname;
    S: 200 MLST OPTS type;size;modify;unique;unix.mode;
    C: EPSV
    S: 229 Entering extended passive mode (|||PORT|).
    C: MLSD pub
    S: 150 File status okay. About to open data connection.
    # data connection from 127.0.0.1:PORT
    # MLSD sent /pub (TYPE A), completed
    S: 226 Transfer complete.
    C: EPSV
    S: 229 Entering extended passive mode (|||PORT|).
    C: RETR pub/big.bin
    S: 150 File status okay. About to open data connection.
    # data connection from 127.0.0.1:PORT
    # RETR sent 71680 bytes of /pub/big.bin (TYPE I), completed
    S: 226 Transfer complete.
    C: EPSV
    S: 229 Entering extended passive mode (|||PORT|).
    C: STOR upload.bin
    S: 150 File status okay. About to open data connection.
    # data connection from 127.0.0.1:PORT
    # STOR received 71680 bytes of /upload.bin (TYPE I), completed
    S: 226 Transfer complete.
    C: MDTM pub/hello.txt
    S: 213 TIMESTAMP
    C: QUIT
    S: 221 Goodbye.
    "
  `)
})

test('so is one over TLS, which is the same but for what encrypts it', async () => {
  const dialogues = await dialoguesOf(visit, { tls: true })
  expect(new Set(dialogues)).toHaveLength(1)
  const [inClear = ''] = await dialoguesOf(visit, { times: 1 })
  const lines = dialogues[0]?.split('\n') ?? []
  const encrypts = /encrypted$|^C: (AUTH|PBSZ|PROT) |^S: {2}(AUTH TLS|PBSZ|PROT)$|^S: 234 |^S: 200 (PBSZ|Protection)/
  expect(lines.filter((line) => !encrypts.test(line)).join('\n')).toBe(inClear)
  expect(lines.filter((line) => encrypts.test(line)).join('\n')).toMatchInlineSnapshot(`
    "C: AUTH TLS
    S: 234 AUTH TLS successful.
    # control connection encrypted
    S:  AUTH TLS
    S:  PBSZ
    S:  PROT
    C: PBSZ 0
    S: 200 PBSZ=0 successful.
    C: PROT P
    S: 200 Protection set to Private.
    # data connection encrypted
    # data connection encrypted
    # data connection encrypted"
  `)
})

test('clients at the same time on one server say the same one after the other', async () => {
  await using ftp = await start(false)
  await Promise.all(Array.from({ length: TIMES }, () => visit(ftp)))
  await assertFtp(ftp).toHaveNoOpenSessions()
  const sessions = stableDialogue(ftp).split('\n\n')
  expect(sessions).toHaveLength(TIMES)
  expect(sessions[6]).toMatch(/^# session 7\n# connected from/)
  expect(new Set(sessions.map((session) => session.trimEnd().replace(/^# session \d+\n/, '')))).toHaveLength(1)
})

test.skipIf(!isInstalled('curl'))('a dialogue of curl is the same every time', async () => {
  await using local = await ClientDirectory.create()
  await local.write('upload.bin', content)
  const dialogues = await dialoguesOf(
    async ({ url }) => {
      await outputOf('curl', ['-sS', `${url}/pub/big.bin`, '-o', '/dev/null', `${url}/pub/`, '-o', '/dev/null'], {
        cwd: local.path,
      })
      await outputOf('curl', ['-sS', '-T', 'upload.bin', `${url}/upload.bin`], { cwd: local.path })
      await outputOf('curl', ['-sS', '-P', '-', `${url}/pub/hello.txt`], { cwd: local.path })
    },
    { times: TIMES_OF_PROGRAMS },
  )
  expect(new Set(dialogues)).toHaveLength(1)
  expect(doingsIn(dialogues[0])).toMatchInlineSnapshot(`
    "C: PWD
    C: CWD pub
    C: EPSV
    C: TYPE I
    C: SIZE big.bin
    C: RETR big.bin
    # data connection from 127.0.0.1:PORT
    # RETR sent 71680 bytes of /pub/big.bin (TYPE I), completed
    C: EPSV
    C: TYPE A
    C: LIST
    # data connection from 127.0.0.1:PORT
    # LIST sent /pub (TYPE A), completed
    C: QUIT

    C: PWD
    C: EPSV
    C: TYPE I
    C: STOR upload.bin
    # data connection from 127.0.0.1:PORT
    # STOR received 71680 bytes of /upload.bin (TYPE I), completed
    C: QUIT

    C: PWD
    C: CWD pub
    C: EPRT |1|127.0.0.1|PORT|
    C: TYPE I
    C: SIZE hello.txt
    C: RETR hello.txt
    # data connection to 127.0.0.1:PORT
    # RETR sent 6 bytes of /pub/hello.txt (TYPE I), completed
    C: QUIT
    "
  `)
})

test.skipIf(!isInstalled('lftp'))(
  'a dialogue of lftp, which does not wait for replies, is the same every time',
  async () => {
    await using local = await ClientDirectory.create()
    await local.write('upload.bin', content)
    const dialogues = await dialoguesOf(
      async ({ url }) => {
        const script = `set ftp:sync-mode no; open ${url}; cat pub/hello.txt; put upload.bin; cls pub; cat pub/big.bin; bye`
        await outputOf('lftp', ['--norc', '-c', script], { cwd: local.path, env: { HOME: local.path } })
      },
      { times: TIMES_OF_PROGRAMS },
    )
    expect(new Set(dialogues)).toHaveLength(1)
    expect(doingsIn(dialogues[0])).toMatchInlineSnapshot(`
      "C: OPTS UTF8 ON
      C: OPTS MLST type;perm;size;modify;unix.mode;unix.uid;unix.gid;
      C: PWD
      C: TYPE I
      C: SIZE pub/hello.txt
      C: PASV
      C: RETR pub/hello.txt
      # data connection from 127.0.0.1:PORT
      # RETR sent 6 bytes of /pub/hello.txt (TYPE I), completed
      C: PASV
      C: STOR upload.bin
      # data connection from 127.0.0.1:PORT
      # STOR received 71680 bytes of /upload.bin (TYPE I), completed
      C: MFMT TIMESTAMP upload.bin
      C: CWD /pub
      C: TYPE A
      C: PASV
      C: MLSD
      # data connection from 127.0.0.1:PORT
      # MLSD sent /pub (TYPE A), completed
      C: TYPE I
      C: CWD /
      C: SIZE pub/big.bin
      C: PASV
      C: RETR pub/big.bin
      # data connection from 127.0.0.1:PORT
      # RETR sent 71680 bytes of /pub/big.bin (TYPE I), completed
      C: QUIT
      "
    `)
  },
)
