module.exports = {
  globalSetup: 'ftp-fixture/jest/global-setup',
  globalTeardown: 'ftp-fixture/jest/global-teardown',
  setupFilesAfterEnv: ['ftp-fixture/jest'],
  testEnvironmentOptions: { ftp: { files: 'basic' } }, // options of startFtpServer
}
