/** Runs one operation on the host's files as the user who is logged in; the operation is done when it returns. */
export interface FilesystemUser {
  runAsCurrentUser<T>(operation: () => T): T
}

/** Nobody else than whom this process runs as. */
export const STRANGER: FilesystemUser = { runAsCurrentUser: (operation) => operation() }
