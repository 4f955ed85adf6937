import fc from 'fast-check'
import { expect } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { RawClient } from '../support/raw-client.ts'
import { anyText, fileName, numberText } from './inputs.ts'
import { holds } from './runs.ts'

// Not QUIT, which ends the session, nor those of a login.
const VERBS = [
  ...[
    'PORT',
    'EPRT',
    'EPSV',
    'REST',
    'ALLO',
    'SITE',
    'SITE CHMOD',
    'SITE HELP',
    'MDTM',
    'MFMT',
    'SIZE',
    'MLST',
    'OPTS',
  ],
  ...[
    'HOST',
    'LANG',
    'TYPE',
    'STRU',
    'MODE',
    'STAT',
    'HELP',
    'CWD',
    'CDUP',
    'PWD',
    'MKD',
    'RMD',
    'DELE',
    'RNFR',
    'RNTO',
  ],
  ...['NLST', 'LIST', 'MLSD', 'RETR', 'STOR', 'APPE', 'STOU', 'FEAT', 'SYST', 'ACCT', 'REIN', 'SMNT', 'PBSZ', 'PROT'],
  ...['ABOR', 'OPTS UTF8', 'OPTS MLST', 'CCC', 'XMKD', '__proto__', 'constructor', 'SITE __proto__', 'NOOP'],
]
const argument = fc.oneof(
  ...[
    anyText,
    fileName,
    numberText,
    fc.constantFrom('', 'ON', 'OFF', 'A', 'I', 'L 8', '777 a', '20200101000000 a', '-la'),
  ],
  fc.array(fc.oneof(fileName, fc.constantFrom('..', '.', '')), { maxLength: 5 }).map((parts) => parts.join('/')),
  fc.tuple(numberText, fileName).map((parts) => parts.join(' ')),
  fc.tuple(fc.ipV4(), fc.nat(65_535)).map(([host, port]) => `|1|${host}|${port}|`),
  fc.array(fc.nat(300), { minLength: 5, maxLength: 7 }).map((numbers) => numbers.join(',')),
)
/** Not a line end: that would be two commands. Nor Telnet's, which are taken out. */
const bytes = argument.map((text) => Buffer.from(text.replaceAll(/[\r\n]/g, ' ')))
const noise = fc
  .uint8Array({ maxLength: 30 })
  .map((all) => Buffer.from(all.filter((byte) => byte !== 10 && byte < 240)))
const command = fc.tuple(fc.constantFrom(...VERBS), fc.oneof(bytes, bytes, noise))

holds(
  'whatever the argument, a command gets one final reply, and nothing of the server breaks',
  fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 10 }), async (commands) => {
    await using ftp = await startFtpServer({ files: { '/a': 'a\n', '/b/c': 'c\n' } })
    const client = await RawClient.login(ftp)
    for (const [verb, argument] of commands) {
      client.socket.write(Buffer.concat([Buffer.from(`${verb} `), argument, Buffer.from('\r\n')]))
      const { code, text } = await client.reply()
      expect(code >= 200 && code < 600 && code !== 451 && code !== 421, `${verb} ${argument}: ${text}`).toBe(true)
      await client.command('NOOP', 200)
    }
    client.socket.destroy()
    // Where something broke, this says so.
    await ftp.stop()
  }),
  { runs: 20 },
)
