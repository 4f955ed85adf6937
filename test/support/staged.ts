import { DTPHandler, TLS_DTPHandler } from '../../src/server.ts'

const asIs = (chunks: AsyncIterable<Buffer>) => chunks

/** The same bytes through a stage that leaves them as they are. */
export class Staged extends DTPHandler {
  override stages() {
    return [asIs]
  }
}

/** The same over TLS. */
export class StagedTls extends TLS_DTPHandler {
  override stages() {
    return [asIs]
  }
}
