import cluster from 'node:cluster'
import { isIPv4, type ListenOptions, type Server } from 'node:net'

/** As `net.Server` itself listens, when it knows the address and that the port is not one of node:cluster's. */
interface ListeningServer {
  _listen2?(host: string, port: number, family: 4, backlog: number | undefined, fd: undefined, flags: 0): void
}

/**
 * Has a server listen without what `listen` loads and does first: to look up an address that is none to look up, and to
 * ask node:cluster, which takes longer than all the rest. It listens then when this returns, or tells of an error later.
 * `false` where it has to be done as ever.
 */
export function listenAtOnce(server: Server, options: ListenOptions | { readonly fd: number }): boolean {
  const { host, port, backlog, exclusive } = options as ListenOptions
  const { _listen2: listen } = server as ListeningServer
  if (listen === undefined || host === undefined || port === undefined || !isIPv4(host)) return false
  if (exclusive !== true && isClusterWorker()) return false
  listen.call(server, host, port, 4, backlog, undefined, 0)
  return true
}

/** Whether ports may be shared with other processes; node:cluster is there from the start then. */
function isClusterWorker(): boolean {
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] }
  return moduleLoadList?.includes('NativeModule cluster') !== false && cluster.isWorker
}
