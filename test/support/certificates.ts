import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A certificate for `localhost` that nobody has signed, with its key, for tests only. */
export const certfile: string = fileURLToPath(new URL('certificate.pem', import.meta.url))

export const certificate: Buffer = readFileSync(certfile)
