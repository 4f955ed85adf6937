import { describe, expect, test } from 'vitest'
import { type FtpFixture, randomBytes } from '../../src/index.ts'
import { ClientDirectory, linesOf, outputOf, requireTool, sha256 } from '../support/clients.ts'
import { encryptions, failures, ftpsFixture } from '../support/ftps.ts'

requireTool('python3')

/** What each script starts with: `ftp` is connected, encrypted and logged in; `args` are the script's own arguments. */
const PRELUDE = `
import ftplib, hashlib, io, json, ssl, sys
host, port, user, password, ca, kind, version, *args = sys.argv[1:]

class Resuming(ftplib.FTP_TLS):
    """Resumes the session of the control connection on data connections."""
    def ntransfercmd(self, cmd, rest=None):
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:
            session = self.sock.session
            conn = self.context.wrap_socket(conn, server_hostname=self.host, session=session)
        return conn, size

class Implicit(ftplib.FTP_TLS):
    """Speaks TLS from the start; ftplib itself cannot."""
    @property
    def sock(self):
        return self.__dict__.get('plain')
    @sock.setter
    def sock(self, value):
        if value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value, server_hostname=self.host)
        self.__dict__['plain'] = value

def connect(kind=kind, ca=ca):
    context = ssl.create_default_context(cafile=ca)
    if version:
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    classes = {'explicit': ftplib.FTP_TLS, 'implicit': Implicit, 'resuming': Resuming}
    ftp = classes[kind](timeout=20, context=context)
    ftp.connect(host, int(port))
    ftp.login(user, password)
    ftp.prot_p()
    return ftp

def fetch(name):
    parts = []
    ftp.retrbinary('RETR ' + name, parts.append)
    return b''.join(parts)

`

interface Run {
  readonly host?: string
  readonly kind?: 'explicit' | 'implicit' | 'resuming'
  readonly version?: 'TLSv1_2' | 'TLSv1_3' | ''
}

/** Runs a script and gives what it prints as JSON. */
async function python(ftp: FtpFixture, script: string, run: Run = {}, ...args: string[]): Promise<unknown> {
  await using local = await ClientDirectory.create()
  const ca = await local.write('ca.pem', ftp.ca ?? '')
  const { host = ftp.host, version = '' } = run
  const kind = run.kind ?? (ftp.server.options.implicitTls ? 'implicit' : 'explicit')
  const words = [host, String(ftp.port), ftp.username, ftp.password, ca, kind, version, ...args]
  return JSON.parse((await outputOf('python3', ['-c', PRELUDE + script, ...words])) || 'null')
}

describe.each([
  { name: 'AUTH TLS', implicitTls: false },
  { name: 'implicit TLS', implicitTls: true },
])('$name', ({ implicitTls }) => {
  test.each(['TLSv1_2', 'TLSv1_3'] as const)(
    '%s: uploads, downloads and lists, passive and active',
    async (version) => {
      await using ftp = await ftpsFixture({ implicitTls })
      const script = `
ftp = connect()
hashes = []
for passive in (True, False):
    ftp.set_pasv(passive)
    for content in (b'', b'uploaded', bytes(range(256)) * 8000):
        ftp.storbinary('STOR up.bin', io.BytesIO(content))
        assert fetch('up.bin') == content
    lines = []
    ftp.retrlines('LIST', lines.append)
    ftp.storlines('STOR lines.txt', io.BytesIO(b'one\\ntwo\\n'))
    hashes.append([len(lines), sorted(ftp.nlst()), [name for name, facts in ftp.mlsd()]])
ftp.quit()
print(json.dumps(hashes))`
      const before = ['a.txt', 'big.bin', 'empty.bin', 'lines.txt', 'up.bin']
      expect(await python(ftp, script, { version })).toEqual([
        [4, before, before],
        [5, before, before],
      ])
      expect(await ftp.files.read('lines.txt', 'utf8')).toBe('one\ntwo\n')
      expect(encryptions(ftp, 'data')).toHaveLength(20)
      expect(new Set(encryptions(ftp).map(({ protocol }) => protocol))).toEqual(new Set([version.replace('_', '.')]))
      expect(new Set(ftp.transcript.transfers().map(({ outcome }) => outcome))).toEqual(new Set(['completed']))
    },
  )

  test('20 MiB go down and up', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    const script = `
ftp = connect()
content = fetch('big.bin')
ftp.storbinary('STOR back.bin', io.BytesIO(content))
print(json.dumps(hashlib.sha256(content).hexdigest()))`
    const hash = sha256(randomBytes('20MiB', { seed: 3 }))
    expect(await python(ftp, script)).toBe(hash)
    expect(sha256(await ftp.files.read('back.bin'))).toBe(hash)
  })

  test('PROT C, then P again', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    const script = `
ftp = connect()
ftp.prot_c()
clear = fetch('a.txt').decode()
ftp.prot_p()
print(json.dumps([clear, fetch('a.txt').decode()]))`
    expect(await python(ftp, script)).toEqual(['over the wire\n', 'over the wire\n'])
    expect(linesOf(ftp, 'PROT')).toEqual(['PROT P', 'PROT C', 'PROT P'])
    expect(encryptions(ftp, 'data')).toHaveLength(1)
  })

  test('the certificate is right for localhost, and refused without the authority', async () => {
    await using ftp = await ftpsFixture({ implicitTls })
    const script = `
ftp = connect()
text = fetch('a.txt').decode()
try:
    connect(ca=None)
except ssl.SSLCertVerificationError as error:
    print(json.dumps([text, error.verify_message]))`
    const [text, message] = (await python(ftp, script, { host: 'localhost' })) as string[]
    expect(text).toBe('over the wire\n')
    expect(message).toMatch(/self.signed certificate|unable to get local issuer/)
    await ftp.waitFor({ type: 'disconnect', session: 2 })
    expect(failures(ftp)).toMatchObject([{ session: 2, connection: 'control', reason: /unknown ca/ }])
  })
})

test.each(['TLSv1_2', 'TLSv1_3'] as const)('%s: the session of the control connection is resumed', async (version) => {
  await using ftp = await ftpsFixture()
  const script = `
ftp = connect()
ftp.storbinary('STOR up.bin', io.BytesIO(b'uploaded'))
print(json.dumps([fetch('up.bin').decode(), fetch('a.txt').decode()]))`
  expect(await python(ftp, script, { kind: 'resuming', version })).toEqual(['uploaded', 'over the wire\n'])
  expect(encryptions(ftp, 'data').map(({ resumed }) => resumed)).toEqual([true, true, true])
})
