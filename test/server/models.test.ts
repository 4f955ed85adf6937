import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunningCli } from '../support/cli.ts'
import { ClientDirectory, outputOf, requireTool, sha256 } from '../support/clients.ts'
import { RawClient, readAll } from '../support/raw-client.ts'

const [PLAIN, ...OTHERS] = ['async', 'pre-fork', 'multi-thread', 'multi-proc'] as const

/** Commands of every group, in an order in which each has something to do. */
const DIALOGUE = `
  SYST; FEAT; HELP; HELP STOR; SITE HELP; NOOP; NONSENSE; ACCT me; ALLO 5; PWD; STAT
  TYPE A; TYPE I; TYPE E; STRU F; STRU R; MODE S; MODE B; OPTS UTF8 ON; OPTS MLST type;size;
  CWD pub; PWD; CDUP; CWD nowhere; CWD ..; MKD made; MKD made; XMKD made/in; RMD made; XRMD made/in; XPWD
  SIZE pub/hello.txt; SIZE pub; MDTM pub/hello.txt; MFMT 20200102030405 pub/hello.txt; MDTM pub/hello.txt
  MLST pub/hello.txt; MLST nothing; STAT pub/docs; SITE CHMOD 600 pub/hello.txt; SITE CHMOD 9 pub
  RNFR nothing; RNTO it; RNFR pub/windows.txt; RNTO pub/renamed.txt; DELE pub/renamed.txt; DELE pub/renamed.txt
  REST 3; REST x; RETR pub/hello.txt; LIST; ABOR; PORT 1,2,3; PORT 127,0,0,1,0,80; PORT 10,0,0,1,200,1; EPRT |3|x|1|
  EPSV 2; LPSV; REIN; PWD; USER user; PASS wrong; USER user; PASS 12345; PASS again
`

/** Plays the same on a server and gives all that it said, without what differs from run to run. */
async function play(address: { readonly host: string; readonly port: number }): Promise<string[]> {
  await using client = await RawClient.login(address)
  const said: string[] = []
  const note = (text: string) => said.push(plain(text))
  for (const line of DIALOGUE.split(/[;\n](?=\s)|\n/).flatMap((row) => row.trim() || [])) {
    note(`${line} -> ${(await client.command(line)).text}`)
  }
  await client.command('TYPE I', 200)
  for (const command of ['LIST pub', 'NLST', 'MLSD pub', 'RETR pub/numbers.csv']) {
    note(`${command} -> ${await client.fetch(command)}`)
  }
  await client.store('STOR up.txt', 'uploaded')
  await client.store('APPE up.txt', ' twice')
  await client.command('REST 9', 350)
  note(`rest -> ${await client.fetch('RETR up.txt')}`)
  const active = await client.active('EPRT')
  const bytes = readAll(active)
  await client.command('RETR pub/big.bin', 125, 150)
  note(`active -> ${sha256(await bytes)} ${(await client.expect(226)).text}`)
  const data = await client.passive('EPSV')
  await client.command('STOR cut.bin', 125, 150)
  note(`abort -> ${(await client.command('ABOR', 426)).text} ${(await client.expect(226)).text}`)
  data.destroy()
  note((await client.command('QUIT')).text)
  await client.closed()
  return said
}

function plain(text: string): string {
  return text
    .replaceAll(/(127\.0\.0\.1:|\|\|\|)\d+/g, '$1PORT')
    .replaceAll(/(create|unique|UNIX\.\w+)=[^;]*;/g, '$1=;')
    .replaceAll(/\w{3} +\d+ \d\d:\d\d/g, 'TIME')
}

let expected: string[] = []

beforeAll(async () => {
  await using cli = new RunningCli(['--concurrency', PLAIN])
  expected = await play(await cli.address())
})

test('the dialogue gets replies of every kind', () => {
  const codes = new Set(expected.flatMap((text) => / -> (\d{3})/.exec(text)?.[1] ?? []))
  const wanted = '200 202 211 213 214 215 225 230 250 257 331 350 425 426 500 501 502 503 504 522 530 550'
  expect([...codes].sort()).toEqual(wanted.split(' '))
})

test.each(OTHERS)('%s says just what the plain server says', async (model) => {
  await using cli = new RunningCli(['--concurrency', model])
  expect(await play(await cli.address())).toEqual(expected)
})

describe.each([PLAIN, ...OTHERS])('clients with %s, over TLS', (model) => {
  requireTool('curl')
  requireTool('lftp')
  requireTool('python3')
  let cli: RunningCli
  let url: URL
  let ca: string

  beforeAll(async () => {
    cli = new RunningCli(['--concurrency', model, '--tls', '--tls-control-required', '--tls-data-required'])
    url = await cli.url()
    ca = /have to trust (\S+)/.exec(cli.output)?.[1] ?? ''
  })

  afterAll(async () => {
    await cli.stop()
  })

  test('curl', async () => {
    await using local = await ClientDirectory.create()
    const secure = ['--silent', '--show-error', '--ssl-reqd', '--cacert', ca]
    const file = await local.write('c.bin', 'from curl')
    await outputOf('curl', [...secure, '--upload-file', file, `${url.href}/c.bin`])
    expect(await outputOf('curl', [...secure, `${url.href}/c.bin`])).toBe('from curl')
  })

  test('lftp', async () => {
    await using local = await ClientDirectory.create()
    const settings = `set ssl:ca-file ${ca}; set ftp:ssl-force true; set ftp:ssl-protect-data true`
    await outputOf('lftp', ['-c', `${settings}; open ${url.href}; mirror pub ${local.file('pub')}; rm -r pub`])
    expect(existsSync(local.file('pub/docs/2024/report.txt'))).toBe(true)
  })

  test('ftplib', async () => {
    const script = `
import ftplib, io, ssl
ftp = ftplib.FTP_TLS(context=ssl.create_default_context(cafile=${JSON.stringify(ca)}))
ftp.connect('${url.hostname}', ${url.port})
ftp.login('user', '12345')
ftp.prot_p()
ftp.storbinary('STOR p.bin', io.BytesIO(b'x' * 300000))
print(ftp.size('p.bin'), 'p.bin' in ftp.nlst())
ftp.retrbinary('RETR p.bin', lambda data: None)
print(ftp.quit())`
    expect(await outputOf('python3', ['-c', script])).toBe('300000 True\n221 Goodbye.\n')
  })
})
