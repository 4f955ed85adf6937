// Lists, downloads and uploads with basic-ftp, as a careful user has it do that.
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'

const { FTP_HOST, FTP_PORT, FTP_USER, FTP_PASSWORD, FTP_ROOT = '', FTP_CA_FILE, FTP_SCENARIO = '' } = process.env

const work = await mkdtemp(path.join(tmpdir(), 'basic-ftp-'))
const file = path.join(work, 'file.bin')
const client = new Client(5000)
try {
  await client.access({
    host: FTP_HOST,
    port: Number(FTP_PORT),
    user: FTP_USER,
    password: FTP_PASSWORD,
    ...(FTP_CA_FILE && { secure: true, secureOptions: { ca: await readFile(FTP_CA_FILE) } }),
  })
  await client.list('pub')
  await client.list('incoming')
  let startAt = 0
  if (FTP_SCENARIO.startsWith('rest-')) {
    await appendFile(file, (await readFile(path.join(FTP_ROOT, 'pub/file.bin'))).subarray(0, 32_768))
    startAt = 32_768
  }
  await client.downloadTo(file, 'pub/file.bin', startAt)
  await client.uploadFrom(Readable.from([Buffer.alloc(131_072)]), 'incoming/new.bin')
} catch (error) {
  console.error(String(error))
  process.exitCode = 1
} finally {
  client.close()
  await rm(work, { recursive: true })
}
