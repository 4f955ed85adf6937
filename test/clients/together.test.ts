import { Client } from 'basic-ftp'
import { expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { ClientDirectory, outputOf, requireTool, sha256, urlOf } from '../support/clients.ts'

requireTool('curl')
requireTool('lftp')
requireTool('python3')

const PYTHON = `
import ftplib, sys
port, source, target = sys.argv[1:]
ftp = ftplib.FTP(timeout=20)
ftp.connect('127.0.0.1', int(port))
ftp.login('user', '12345')
with open(source, 'rb') as file:
    ftp.storbinary('STOR python.bin', file)
with open(target, 'wb') as file:
    ftp.retrbinary('RETR python.bin', file.write)
ftp.quit()
`

test('four different clients at once each get their own bytes', async () => {
  await using ftp = await startFtpServer()
  await using local = await ClientDirectory.create()
  const names = ['basic-ftp', 'curl', 'lftp', 'python']
  const contents = new Map(names.map((name, seed) => [name, randomBytes('20MiB', { seed })]))
  for (const [name, content] of contents) await local.write(`${name}.bin`, content)
  const source = (name: string) => local.file(`${name}.bin`)
  const target = (name: string) => local.file(`${name}.back`)

  const basicFtp = async () => {
    const client = new Client()
    await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
    await client.uploadFrom(source('basic-ftp'), 'basic-ftp.bin')
    await client.downloadTo(target('basic-ftp'), 'basic-ftp.bin')
    client.close()
  }
  const curl = async () => {
    const options = ['--disable', '--silent', '--show-error', '--user', 'user:12345']
    const url = urlOf(ftp, ftp.host, 'curl.bin')
    await outputOf('curl', [...options, '--upload-file', source('curl'), url])
    await outputOf('curl', [...options, '--output', target('curl'), url])
  }
  const lftp = async () => {
    const script = `open -u user,12345 -p ${ftp.port} 127.0.0.1; put lftp.bin; get lftp.bin -o lftp.back`
    await outputOf('lftp', ['--norc', '-c', script], { cwd: local.path, env: { HOME: local.path } })
  }
  const python = () => outputOf('python3', ['-c', PYTHON, String(ftp.port), source('python'), target('python')])

  await Promise.all([basicFtp(), curl(), lftp(), python()])
  for (const [name, content] of contents) {
    const hash = sha256(content)
    expect(sha256(await ftp.files.read(`${name}.bin`)), name).toBe(hash)
    expect(sha256(await local.read(`${name}.back`)), name).toBe(hash)
  }
  expect(new Set(ftp.transcript.transfers().map(({ outcome }) => outcome))).toEqual(new Set(['completed']))
})

test('one client writes a file while another one reads another and a third one lists', async () => {
  await using ftp = await startFtpServer({ files: { 'a.bin': { size: '50MiB', seed: 1 }, 'pub/a.txt': 'text' } })
  await using local = await ClientDirectory.create()
  await local.write('b.bin', randomBytes('50MiB', { seed: 2 }))
  const lister = new Client()
  await lister.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  let busy = true
  const listAll = async () => {
    while (busy) expect((await lister.list('pub')).map(({ name }) => name)).toEqual(['a.txt'])
  }
  const listing = listAll()
  const lftp = (command: string) =>
    outputOf('lftp', ['--norc', '-c', `open -u user,12345 -p ${ftp.port} 127.0.0.1; ${command}`], {
      cwd: local.path,
      env: { HOME: local.path },
    })
  const options = ['--disable', '--silent', '--show-error', '--user', 'user:12345']
  await Promise.all([
    lftp('put b.bin'),
    outputOf('curl', [...options, '--output', local.file('a.bin'), urlOf(ftp, ftp.host, 'a.bin')]),
  ])
  busy = false
  await listing
  lister.close()
  expect(sha256(await local.read('a.bin'))).toBe(sha256(randomBytes('50MiB', { seed: 1 })))
  expect(sha256(await ftp.files.read('b.bin'))).toBe(sha256(randomBytes('50MiB', { seed: 2 })))
  expect(ftp.transcript.transfers().filter(({ verb }) => verb === 'MLSD')).not.toHaveLength(0)
})
