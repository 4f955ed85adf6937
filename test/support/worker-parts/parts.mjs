// What the workers of a server in a test load. What a session does when it has received a file depends on its name.
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DummyAuthorizer, FTPHandler, TLS_FTPHandler } from 'ftp-fixture/server'

const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)

const ends = {
  /** Blocks the whole worker until there is a file `release`. */
  'block.txt': (root) => {
    writeFileSync(path.join(root, 'blocked'), '')
    while (!existsSync(path.join(root, 'release'))) pause()
  },
  'spin.txt': () => {
    for (;;);
  },
  'throw.txt': () => {
    setImmediate(() => {
      throw new RangeError('thrown where nobody catches')
    })
  },
  'exit.txt': () => process.exit(7),
  'kill.txt': () => process.kill(process.pid, 'SIGKILL'),
  'reject.txt': () => Promise.reject(Object.assign(new TypeError('a callback that rejects'), { code: 'E_OWN' })),
}

export default ({ root, tls = false }) => {
  const authorizer = new DummyAuthorizer()
  authorizer.addUser('user', '12345', root, { perm: 'elradfmwMT' })
  class Handler extends (tls ? TLS_FTPHandler : FTPHandler) {
    onFileReceived(name) {
      return ends[path.posix.basename(name)]?.(root)
    }
  }
  return { authorizer, handler: Handler }
}
