import ftpFixture = require('ftp-fixture')
import server = require('ftp-fixture/server')

export const ftp: Promise<ftpFixture.FtpFixture> = ftpFixture.startFtpServer({ files: { a: 'a' } })
export const handler: typeof server.FTPHandler = server.FTPHandler
