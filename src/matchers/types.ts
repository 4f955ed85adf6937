import type { Suggested } from '../options/suggested.ts'
import type { Expectation } from '../scenario/expect/schema.ts'
import type { BuiltInScenario, KnownVerb } from '../scenario/names.ts'
import type { FileContent } from './file.ts'
import type { NoOpenSessionsOptions } from './no-open-sessions.ts'
import type { ReceivedArgument } from './received.ts'
import type { TransferExpectation } from './transferred.ts'

/**
 * The matchers on a server, to be mixed into the types of a runner; `R` is what a matcher returns there. Those that
 * may have to wait return a promise, which wants an `await`; the others answer at once.
 */
export interface FtpMatchers<R = void> {
  /**
   * A command came, with this argument (itself, a glob for it, or something that describes it).
   * @example expect(ftp).toHaveReceived('RETR', 'pub/*.bin')
   */
  toHaveReceived(command: Suggested<KnownVerb>, argument?: ReceivedArgument): R

  /**
   * Commands came in this order; others may stand between.
   * @example expect(ftp).toHaveReceivedInOrder(['USER', 'PASS', 'RETR *.bin'])
   */
  toHaveReceivedInOrder(commands: readonly Suggested<KnownVerb>[]): R

  /**
   * A file was transferred, or a directory listed, in a way; waits for transfers under way.
   * @example await expect(ftp).toHaveTransferred('pub/big.bin', { bytes: '10MiB', complete: true })
   */
  toHaveTransferred(path: string, expected?: TransferExpectation): Promise<Awaited<R>>

  /**
   * A file is there, with this content; waits for transfers under way.
   * @example await expect(ftp).toHaveFile('upload.txt', 'hello\n')
   */
  toHaveFile(path: string, content?: FileContent): Promise<Awaited<R>>

  /**
   * Every session has ended; waits for clients that have just left.
   * @example await expect(ftp).toHaveNoOpenSessions()
   */
  toHaveNoOpenSessions(options?: NoOpenSessionsOptions): Promise<Awaited<R>>

  /**
   * The client did what the scenario in use expects (which must be the one named), or what an expectation does.
   * @example await expect(ftp).toHaveSatisfied('abort-download-midway')
   */
  toHaveSatisfied(scenario?: Suggested<BuiltInScenario> | Expectation): Promise<Awaited<R>>
}
