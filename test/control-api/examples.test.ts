import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { clientEnvironment } from '../../src/harness/environment.ts'
import { type FtpFixture, startControlApi, startFtpServer } from '../../src/index.ts'
import { isInstalled, runTool } from '../support/clients.ts'

const directory = fileURLToPath(new URL('examples', import.meta.url))
const SERVED = { '/pub/file.bin': { size: '64KiB', seed: 1 }, '/pub/hello.txt': 'hello\n' } as const

/** Runs a program that finds a server and its control API in its environment; gives all that it says. */
async function runBeside(ftp: FtpFixture, command: string, ...args: string[]): Promise<string> {
  await using api = await startControlApi(ftp)
  const env = { ...clientEnvironment(ftp, api), PYTHONDONTWRITEBYTECODE: '1' }
  const { status, stdout, stderr } = await runTool(command, args, { cwd: directory, env })
  expect(status, stdout + stderr).toBe(0)
  return stdout + stderr
}

/** Why an example cannot run here; throws on CI, where it has to. */
function missing(...tools: string[]): string | false {
  const absent = tools.filter((tool) => !isInstalled(tool))
  if (absent.length === 0) return false
  const message = `${absent.join(' and ')} not installed`
  if (process.env.CI === 'true') throw new Error(message)
  return message
}

test('Python with unittest', async ({ skip }) => {
  const reason = missing('python3')
  if (reason) skip(reason)
  await using ftp = await startFtpServer({ files: SERVED })
  expect(await runBeside(ftp, 'python3', '-m', 'unittest', 'test_with_unittest.py')).toContain('Ran 3 tests')
})

test('Python with pytest, on lanes', async ({ skip }) => {
  const reason = missing('python3', 'pytest')
  if (reason) skip(reason)
  await using ftp = await startFtpServer()
  const args = ['-q', '-p', 'no:cacheprovider', 'test_with_pytest.py']
  expect(await runBeside(ftp, 'pytest', ...args)).toContain('3 passed')
  expect([...ftp.lanes.keys()]).toEqual([])
})

test('the shell with curl', async ({ skip }) => {
  const reason = missing('sh', 'curl')
  if (reason) skip(reason)
  await using ftp = await startFtpServer()
  expect(await runBeside(ftp, 'sh', path.join(directory, 'upload.sh'))).toContain('C: STOR upload.txt')
})

test('Java', async ({ skip }) => {
  const reason = missing('java', 'javac')
  if (reason) skip(reason)
  await using ftp = await startFtpServer({ files: SERVED })
  const output = await runBeside(ftp, 'java', '-XX:TieredStopAtLevel=1', 'Download.java')
  expect(output).toContain('ok')
  ftp.reset()
})

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')

/** The example in the README that speaks to the control API in a language. */
function inReadme(language: string): string {
  const blocks = [...readme.matchAll(new RegExp(`\\n\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))]
  const example = blocks.map(([, code = '']) => code).find((code) => code.includes('FTP_CONTROL_URL'))
  if (example === undefined) throw new Error(`the README has no example in ${language}`)
  return example
}

test('the README’s example in Python', async ({ skip }) => {
  const reason = missing('python3')
  if (reason) skip(reason)
  await using ftp = await startFtpServer()
  await runBeside(ftp, 'python3', '-c', inReadme('python'))
  expect(ftp.transcript.transfers()).toMatchObject([{ verb: 'STOR', outcome: 'completed' }])
})

test('the README’s example with curl', async ({ skip }) => {
  const reason = missing('sh', 'curl')
  if (reason) skip(reason)
  await using ftp = await startFtpServer()
  expect(await runBeside(ftp, 'sh', '-ec', inReadme('sh'))).toContain('C: RETR file.bin')
})
