import ftpFixture = require('ftp-fixture')
import scenario = require('ftp-fixture/scenario')
import server = require('ftp-fixture/server')

export const ftp: Promise<ftpFixture.FtpFixture> = ftpFixture.startFtpServer({ files: { a: 'a' } })
export const handler: typeof server.FTPHandler = server.FTPHandler
export const cut: scenario.Scenario = scenario.defineScenario({ rules: [{ then: { cut: { after: '50%' } } }] })
