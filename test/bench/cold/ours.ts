import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Package from '../../../src/index.ts'
import { report } from './report.ts'

const { DIST = '' } = process.env
const content = new Uint8Array(1024)

await report<Package.FtpFixture>(async () => {
  const { startFtpServer } = (await import(pathToFileURL(path.join(DIST, 'index.js')).href)) as typeof Package
  return {
    start: () => startFtpServer(),
    startWithFile: () => startFtpServer({ files: { 'small.bin': content } }),
    stop: (ftp) => ftp.stop(),
    portOf: (ftp) => ftp.port,
  }
})
