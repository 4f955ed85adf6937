import { expect } from 'vitest'
import { matchers } from '../matchers/for-runners.ts'
import { transcriptSerializer } from '../matchers/transcript-serializer.ts'
import type { FtpMatchers } from '../matchers/types.ts'

export { type FileServer, fileTest } from './file-server.ts'
export { type Lane, laneTest } from './lane.ts'
export { type OwnServer, test } from './own-server.ts'
export type { ProvidedFtp, ProvidedOptions } from './provided.ts'

expect.extend(matchers)
expect.addSnapshotSerializer(transcriptSerializer)

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: declarations that merge have to agree
  interface Matchers<T = any> extends FtpMatchers {}
}
