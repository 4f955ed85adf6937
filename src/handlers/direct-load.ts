/** With more transfers than this at a time, large buffers would cost more memory than they are worth. */
const FEW = 16
/** What each of many gets at most. */
const SHARE_BYTES = 256 * 1024

/** What the direct transfers of a server are at, so that each knows whether it is alone. */
export class DirectLoad {
  uploads = 0
  downloads = 0

  /** How large a buffer may be of which so many bytes are wanted. */
  bufferSize(wanted: number): number {
    return this.uploads + this.downloads > FEW ? Math.min(wanted, SHARE_BYTES) : wanted
  }
}
