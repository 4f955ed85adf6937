import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ControlledServer } from '../support/controlled-server.ts'

const ESM = new URL('../../dist/index.js', import.meta.url).href
const CJS = fileURLToPath(new URL('../../dist-cjs/index.js', import.meta.url))

const forms = {
  module: `import { connectFtpServer, startControlApi, startFtpServer } from ${JSON.stringify(ESM)}`,
  commonjs: `const { connectFtpServer } = require(${JSON.stringify(CJS)})`,
}

/** What a program writes that may take hold of a server; it has to end by itself. */
async function output(
  program: string,
  { form = 'module', server, args = [] }: { form?: keyof typeof forms; server?: ControlledServer; args?: string[] },
): Promise<string> {
  const address = server && { FTP_CONTROL_URL: server.url, FTP_CONTROL_TOKEN: server.token }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...args, `--input-type=${form}`, '-e', `${forms[form]}\n;${program}`],
    { env: { ...process.env, ...address }, timeout: 20_000 },
  )
  return stdout
}

test.each(['module', 'commonjs'] as const)('a process that forgets to let go ends by itself: %s', async (form) => {
  await using server = await ControlledServer.start({ files: { 'a.txt': 'hello\n' } })
  const program = `connectFtpServer().then(async (ftp) => {
    console.log(ftp.sessions.length, await ftp.files.read('a.txt', 'utf8'), String(ftp.explain()))
  })`
  expect(await output(program, { form, server })).toBe('0 hello\n no scenario is in use\n\n')
})

test('what a program preloads is not loaded in the thread that makes requests', async () => {
  await using server = await ControlledServer.start()
  const preloaded = `data:text/javascript,${encodeURIComponent("console.log('loaded')")}`
  const program = 'connectFtpServer().then((ftp) => console.log(ftp.sessions.length))'
  expect(await output(program, { server, args: ['--import', preloaded] })).toBe('loaded\n0\n')
})

test('a worker thread drives a server of the main thread', async () => {
  const worker = `import(${JSON.stringify(ESM)}).then(async ({ connectFtpServer }) => {
    const ftp = await connectFtpServer(require('node:worker_threads').workerData)
    ftp.use('slow-download')
    console.log(ftp.scenario)
  })`
  const program = `
    import { Worker } from 'node:worker_threads'
    const ftp = await startFtpServer()
    const { urlWithToken } = await startControlApi(ftp)
    const options = { eval: true, execArgv: [], workerData: urlWithToken }
    new Worker(${JSON.stringify(worker)}, options).once('exit', () => {
      console.log(ftp.scenario)
      ftp.stop()
    })`
  expect(await output(program, {})).toBe('slow-download\nslow-download\n')
})
