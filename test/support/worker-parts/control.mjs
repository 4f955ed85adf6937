// A server with a control API, for tests in another process: tells where it is, and stops when that has gone.
import { startControlApi, startFtpServer } from '../../../dist/index.js'

const ftp = await startFtpServer(JSON.parse(process.argv[2]))
const { url, token } = await startControlApi(ftp)
process.once('disconnect', () => ftp.stop())
process.channel.unref()
process.send({ url, token })
