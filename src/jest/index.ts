import type { FtpFixture } from '../fixture/ftp-fixture.ts'

declare global {
  /** The test file's own server, in the environment `ftp-fixture/jest/environment`. */
  var ftp: FtpFixture
}
