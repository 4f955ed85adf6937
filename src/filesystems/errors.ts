/** Thrown by a file system to refuse an operation; its message goes to the client behind 550. */
export class FilesystemError extends Error {
  override readonly name = 'FilesystemError'
}
