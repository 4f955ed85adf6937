import { describe, expect, test } from 'vitest'
import { type FtpFixture, startFtpServer } from '../../src/index.ts'
import { ClientDirectory, isInstalled, runTool, sha256 } from '../support/clients.ts'
import { FILE } from '../support/scenario-play.ts'

// Scenarios of which these clients make something that basic-ftp and curl do not.

describe.skipIf(!isInstalled('lftp'))('lftp', () => {
  /** Downloads the file as often as it takes; resolves with how it ended and what it said. */
  async function lftp(ftp: FtpFixture, local: ClientDirectory, ...settings: readonly string[]) {
    const open = `open --user ${ftp.username} --password ${ftp.password} --port ${ftp.port} ${ftp.host}`
    const waits = ['set net:reconnect-interval-base 1', 'set net:timeout 10', 'set ftp:prefer-epsv yes']
    const script = [...waits, ...settings, open, 'get -c /pub/file.bin']
    const env = { HOME: local.path }
    const { status } = await runTool('lftp', ['--norc', '-c', script.join('; ')], { cwd: local.path, env })
    expect(status, `${ftp.transcript}`).toBe(0)
    return sha256(await local.read('file.bin')) === sha256(FILE)
  }

  test.each([
    'nat-masquerade',
    'passive-address-zero',
    'epsv-advertised-but-refused',
    'reply-byte-by-byte',
    'login-without-password',
    'connection-lost-before-reply',
  ])('gets the file under %s', async (name) => {
    await using ftp = await startFtpServer({ scenario: name })
    await using local = await ClientDirectory.create()
    expect(await lftp(ftp, local)).toBe(true)
    await ftp.verify()
  })

  test('resumes a download that was cut', async () => {
    await using ftp = await startFtpServer({ scenario: 'abort-download-midway' })
    await using local = await ClientDirectory.create()
    expect(await lftp(ftp, local)).toBe(true)
    await ftp.verify({ commands: ['RETR', 'REST 32768', 'RETR'], transfers: [{ resumed: true, complete: true }] })
  })
})

describe.skipIf(!isInstalled('python3'))('ftplib', () => {
  const DOWNLOAD = `
import ftplib, hashlib, ssl, sys
host, port, user, password, ca = sys.argv[1:]
try:
    if ca:
        ftp = ftplib.FTP_TLS(timeout=10, context=ssl.create_default_context(cafile=ca))
    else:
        ftp = ftplib.FTP(timeout=10)
    ftp.connect(host, int(port))
    ftp.login(user, password)
    if ca:
        ftp.prot_p()
    content = hashlib.sha256()
    ftp.retrbinary('RETR /pub/file.bin', content.update)
    print(content.hexdigest())
except ftplib.all_errors as error:
    print(error)
`

  async function ftplib(ftp: FtpFixture, local: ClientDirectory): Promise<string> {
    const ca = ftp.ca === undefined ? '' : await local.write('ca.pem', ftp.ca)
    const { host, port, username, password } = ftp
    const { stdout } = await runTool('python3', ['-c', DOWNLOAD, host, String(port), username, password, ca])
    return stdout.trim()
  }

  const whole = sha256(FILE)

  test.each([
    ['nat-masquerade', whole],
    ['greeting-of-many-lines', whole],
    ['reply-ends-in-bare-code', whole],
    ['reply-byte-by-byte', whole],
    // It takes the 120 for the greeting, and every reply for that to the command before.
    ['greeting-announced-by-120', expect.stringMatching(/^331/)],
    ['refused-behind-preliminary', '550 Permission denied.'],
    // It resumes no session, and wants the end of TLS said by both sides.
    ['tls-resumption-required', expect.stringMatching(/SSL|EOF|^522/)],
    ['tls-no-close-notify', expect.stringMatching(/SSL|EOF/)],
  ])('under %s', async (name, outcome) => {
    await using ftp = await startFtpServer({ scenario: name })
    await using local = await ClientDirectory.create()
    expect(await ftplib(ftp, local), `${ftp.transcript}`).toEqual(outcome)
    if (outcome === whole) await ftp.verify()
  })
})
