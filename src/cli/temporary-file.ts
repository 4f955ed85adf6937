/** Makes an empty temp file that only its owner can read. */
export async function temporaryFile(postfix: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const { file } = (await import('tmp-promise')).default
  const { path, cleanup } = await file({ prefix: 'ftp-fixture', postfix, discardDescriptor: true })
  return { path, remove: cleanup }
}
