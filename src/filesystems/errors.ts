/** Thrown by a file system to refuse an operation; its message goes to the client behind 550. */
export class FilesystemError extends Error {
  override readonly name: string = 'FilesystemError'
}

/** Thrown by `mkstemp` when every name it tried is taken; answered with 450, since another time may do better. */
export class NoFreeNameError extends FilesystemError {
  override readonly name = 'NoFreeNameError'

  constructor() {
    super('No usable unique file name found.')
  }
}
