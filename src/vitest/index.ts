export { type FileServer, fileTest } from './file-server.ts'
export { type Lane, laneTest } from './lane.ts'
export { type OwnServer, test } from './own-server.ts'
export type { ProvidedFtp } from './provided.ts'
