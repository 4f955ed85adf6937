import { endShared } from './shared.ts'

/** Ends the server that `ftp-fixture/jest/global-setup` has started. */
export default async function teardown(): Promise<void> {
  await endShared()
}
