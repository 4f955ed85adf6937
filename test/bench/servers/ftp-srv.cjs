// ftp-srv without its log. It cannot take a free port and tell which.
const fs = require('node:fs')
const { MODULES, PORT, ROOT, TLS, CERT, KEY } = process.env
const { FtpSrv } = require(`${MODULES}/ftp-srv`)
const bunyan = require(`${MODULES}/bunyan`)

const server = new FtpSrv({
  url: `ftp://127.0.0.1:${PORT}`,
  pasv_url: '127.0.0.1',
  pasv_min: 20000,
  pasv_max: 32000,
  timeout: 0,
  log: bunyan.createLogger({ name: 'bench', level: bunyan.FATAL + 1 }),
  tls: TLS === '1' ? { key: fs.readFileSync(KEY), cert: fs.readFileSync(CERT) } : false,
})
server.on('login', ({ username, password }, accept, reject) => {
  if (username === 'user' && password === '12345') accept({ root: ROOT })
  else reject(new Error('Login incorrect'))
})
server.on('client-error', () => {})
// It throws when a client goes.
process.on('uncaughtException', () => {})
process.on('unhandledRejection', () => {})
server.listen()
