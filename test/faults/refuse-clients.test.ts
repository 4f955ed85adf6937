import { Readable } from 'node:stream'
import { Client, FTPError } from 'basic-ftp'
import { expect, test } from 'vitest'
import { randomBytes, startFtpServer } from '../../src/index.ts'
import { ClientDirectory, requireTool, runTool, urlOf } from '../support/clients.ts'
import { once } from './data.ts'

requireTool('curl')

/** More than the kernel takes before the server has read any of it. */
const CONTENT = randomBytes('20MiB', { seed: 1 })
const WITH = '452 The disk is full.'

test.each(['drain', 'fin', 'rst'] as const)('curl is told, then %s', async (then) => {
  await using ftp = await startFtpServer()
  await using local = await ClientDirectory.create()
  once(ftp, 'STOR', { refuse: { after: '1MiB', with: WITH, then } })
  const file = await local.write('big.bin', CONTENT)
  const user = `${ftp.username}:${ftp.password}`
  const url = urlOf(ftp, ftp.host, 'big.bin')
  const args = ['--disable', '--silent', '--show-error', '--noproxy', '*', '--user', user, '--upload-file', file, url]
  const { status } = await runTool('curl', args)
  expect(status).toBeGreaterThan(0)
  expect(ftp.transcript.replies({ code: 452 })).toHaveLength(1)
  expect((await ftp.files.read('big.bin')).length).toBe(1024 * 1024)
})

test.each(['drain', 'ignore', 'fin', 'rst'] as const)('basic-ftp is told and goes on, then %s', async (then) => {
  await using ftp = await startFtpServer()
  const client = new Client()
  await client.access({ host: ftp.host, port: ftp.port, user: ftp.username, password: ftp.password })
  once(ftp, 'STOR', { refuse: { after: '1MiB', with: WITH, then } })
  const refusal: unknown = await client.uploadFrom(Readable.from([CONTENT]), 'big.bin').catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(FTPError)
  expect(refusal).toMatchObject({ code: 452 })
  expect((await ftp.files.read('big.bin')).length).toBe(1024 * 1024)
  await client.uploadFrom(Readable.from([CONTENT]), 'big.bin')
  expect((await ftp.files.read('big.bin')).equals(CONTENT)).toBe(true)
  client.close()
})
