import type { FtpHandle } from '../fixture/handle.ts'
import type { Expectation } from '../scenario/expect/schema.ts'

/** Has a server verify something; the answer is what did not come true, in words and with the dialogue. */
export async function missedBy(ftp: FtpHandle, expectation?: Expectation): Promise<string | undefined> {
  try {
    await (expectation === undefined ? ftp.verify() : ftp.verify(expectation))
    return undefined
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string }
    // Not by its class: it may come out of another process, or of another copy of this package.
    if (code !== 'ERR_EXPECTATION_FAILED') throw error
    return message
  }
}

/** What did not come true of an expectation of one part only, without the place of that part. */
export function ofOnePart(message: string): string {
  return message.replace(/^[^\n]*\n- (?:\S+: )?/, '').replace('\nWhat happened was:\n', '\n\nWhat happened was:\n')
}
