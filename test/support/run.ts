import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs a program of its own, apart from this test run, and collects what it says on both outputs. */
export async function run(
  cwd: string,
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ readonly status: number; readonly output: string }> {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', npm_config_loglevel: 'silent', ...environment }
  for (const name of Object.keys(env)) if (/^(VITEST|JEST|NODE_ENV$|TEST$)/.test(name)) delete env[name]
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const [status] = (await once(child, 'close')) as [number]
  return { status, output }
}
