import type { ModelFile } from './model-files.ts'

/** A transfer as it begins: what it is to do, as the model has it. */
export interface Opening {
  readonly verb: string
  readonly direction: 'sent' | 'received'
  readonly type: 'A' | 'I'
  /** What is sent of it, when it is whole. */
  readonly content?: Buffer
  /** Fails unless what came is the whole listing, or is not to be known. */
  check?(received: Buffer): void
  /** The file received into. */
  readonly file?: ModelFile
  /** Where in it the first byte goes. */
  readonly offset?: number
}
