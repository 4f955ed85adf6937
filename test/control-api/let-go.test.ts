import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ControlledServer } from '../support/controlled-server.ts'

const index = new URL('../../dist/index.js', import.meta.url).href
const commonjs = new URL('../../dist-cjs/index.js', import.meta.url)

const run = promisify(execFile)

/** Runs a program that has taken hold of a server, and gives what it wrote. */
async function output(server: ControlledServer, form: 'module' | 'commonjs', program: string): Promise<string> {
  const load =
    form === 'module'
      ? `import { connectFtpServer } from ${JSON.stringify(index)}`
      : `const { connectFtpServer } = require(${JSON.stringify(commonjs.pathname)})`
  const env = { ...process.env, FTP_CONTROL_URL: server.url, FTP_CONTROL_TOKEN: server.token }
  const source = `${load}\n;${program}`
  const { stdout } = await run(process.execPath, [`--input-type=${form}`, '-e', source], { env, timeout: 20_000 })
  return stdout
}

test.each(['module', 'commonjs'] as const)('a process that forgets to let go ends by itself: %s', async (form) => {
  await using server = await ControlledServer.start({ files: { 'a.txt': 'hello\n' } })
  const program = `connectFtpServer().then(async (ftp) => {
    console.log(ftp.sessions.length, await ftp.files.read('a.txt', 'utf8'), ftp.explain() + '')
  })`
  expect(await output(server, form, program)).toBe('0 hello\n no scenario is in use\n\n')
})

test('what loaders, debuggers and flags a program was started with is not for the thread that makes requests', async () => {
  await using server = await ControlledServer.start()
  const hook = `data:text/javascript,${encodeURIComponent("console.log('loaded'); export {}")}`
  const { stdout } = await run(
    process.execPath,
    [
      '--import',
      hook,
      '--input-type=module',
      '-e',
      `
      import { connectFtpServer } from ${JSON.stringify(index)}
      await using_()
      async function using_() {
        const ftp = await connectFtpServer(${JSON.stringify(server.url)}, { token: ${JSON.stringify(server.token)} })
        console.log(ftp.sessions.length)
        await ftp.close()
      }
    `,
    ],
    { timeout: 20_000 },
  )
  expect(stdout).toBe('loaded\n0\n')
})

test('a worker thread drives a server of the main thread', async () => {
  const { stdout } = await run(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
      import { Worker } from 'node:worker_threads'
      import { startControlApi, startFtpServer } from ${JSON.stringify(index)}
      const ftp = await startFtpServer()
      const { urlWithToken } = await startControlApi(ftp)
      const source = \`
        import(\${JSON.stringify(${JSON.stringify(index)})}).then(async ({ connectFtpServer }) => {
          const ftp = await connectFtpServer(\${JSON.stringify(urlWithToken)})
          ftp.use('slow-download')
          console.log(ftp.scenario)
        })\`
      new Worker(source, { eval: true }).once('exit', () => {
        console.log(ftp.scenario)
        ftp.reset()
        ftp.stop()
      })
    `,
    ],
    { timeout: 20_000 },
  )
  expect(stdout).toBe('slow-download\nslow-download\n')
})
