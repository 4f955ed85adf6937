import type { FtpHandle } from '../fixture/handle.ts'
import type { LocalHandle } from '../fixture/local-handle.ts'

/** The verbs of a server beside the usual ones: those of its own commands, where it is known, and what clients said. */
export function ownVerbs(ftp: FtpHandle): string[] {
  const { verbs = [] } = ftp as Partial<LocalHandle>
  return [...verbs, ...ftp.transcript.commands().map(({ verb }) => verb)]
}
