import { FilesystemError } from './errors.ts'

/** Names that Windows takes for a device in every directory, whatever extension follows. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)( *\.|$)/i

/** Throws `FilesystemError` for a path that on Windows means something else than a file under the root. */
export function checkWindowsName(path: string): void {
  for (const name of path.split('/')) {
    // A colon names a drive or an alternate data stream; a dot or a space at the end is dropped by the system.
    if (/[<>:"|?*]/.test(name) || /[. ]$/.test(name) || DEVICE.test(name)) {
      throw new FilesystemError(`"${name}" is no file name on this system.`)
    }
  }
}
