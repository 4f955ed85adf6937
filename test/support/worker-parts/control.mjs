// A server with a control API, for tests in another process or thread: tells where it is, and stops when nobody is
// there any more.
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { startControlApi } from '../../../dist/control-api/start.js'
import { startFtpServer } from '../../../dist/index.js'

const ftp = await startFtpServer(isMainThread ? JSON.parse(process.argv[2]) : workerData)
const { url, token } = await startControlApi(ftp)
if (isMainThread) {
  process.once('disconnect', () => ftp.stop())
  process.channel.unref()
  process.send({ url, token })
} else {
  parentPort.once('message', () => ftp.stop())
  parentPort.unref()
  parentPort.postMessage({ url, token })
}
