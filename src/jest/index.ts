import { expect } from '@jest/globals'
import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import { matchers } from '../matchers/for-runners.ts'
import { transcriptSerializer } from '../matchers/transcript-serializer.ts'
import type { FtpMatchers } from '../matchers/types.ts'

expect.extend(matchers)
expect.addSnapshotSerializer(transcriptSerializer)

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends FtpMatchers<R> {}
}

declare global {
  /** The test file's own server, in the environment `ftp-fixture/jest/environment`. */
  var ftp: FtpFixture

  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: declarations that merge have to agree
    interface Matchers<R, T = {}> extends FtpMatchers<R> {}
  }
}
