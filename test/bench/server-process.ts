import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { RATE, type Variant } from './row.ts'
import type { Certificate, Program, ServerSpec } from './server-spec.ts'

const START_MS = 10_000
const STOP_MS = 5000

/** What all servers are started with. */
export interface Ground {
  readonly root: string
  readonly scratch: string
  readonly certificate: Certificate | undefined
}

/** Servers that run; should the benchmark end before they do, they end with it. */
const running = new Set<number>()
process.on('exit', () => {
  for (const pid of running) kill(pid, 'SIGKILL')
})

/** A server that has greeted. */
export class RunningServer {
  readonly pid: number
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, pid: number, port: number) {
    this.#child = child
    this.pid = pid
    this.port = port
  }

  /** Starts one; throws when it does not greet in time. `profiles` is where a Node server leaves its CPU profile. */
  static async start(spec: ServerSpec, variant: Variant, ground: Ground, profiles?: string): Promise<RunningServer> {
    if (spec.serve === undefined) throw new Error(`${spec.name} does not serve`)
    const free = await freePort()
    const scratch = path.join(ground.scratch, `${spec.name}-${variant}`)
    mkdirSync(scratch, { recursive: true })
    const program = spec.serve({ ...ground, variant, port: free, scratch })
    const child = launch(program, variant, ground, profiles)
    const pid = child.pid
    if (pid === undefined) throw new Error(`${spec.name}: ${program.command} cannot be started`)
    running.add(pid)
    try {
      const port = program.tellsPort === true ? await toldPort(child) : free
      await greeted(child, port)
      return new RunningServer(child, pid, port)
    } catch (error) {
      kill(pid, 'SIGKILL')
      running.delete(pid)
      throw new Error(`${spec.name} (${variant}): ${(error as Error).message}`)
    }
  }

  async stop(): Promise<void> {
    const { pid } = this
    kill(pid, 'SIGTERM')
    await Promise.race([this.#ended(), sleep(STOP_MS, undefined, { ref: false })])
    // Sessions have processes of their own, which may not have heard.
    kill(pid, 'SIGKILL')
    await this.#ended()
    running.delete(pid)
  }

  async #ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit')
  }
}

function launch(program: Program, variant: Variant, { root, certificate }: Ground, profiles?: string): ChildProcess {
  const profiling = profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profiles]
  const env = {
    ...process.env,
    ROOT: root,
    TLS: variant === 'tls' ? '1' : '0',
    CERT: certificate?.cert,
    KEY: certificate?.key,
    RATE: variant === 'throttled' ? String(RATE) : undefined,
    ...program.env,
  }
  const stderr = process.env.DEBUG === undefined ? 'ignore' : 'inherit'
  const child = spawn(program.command, [...profiling, ...program.args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', stderr],
  })
  child.on('error', () => {})
  return child
}

/** Sends a signal to the processes of a server, those of its sessions too. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // They have ended.
  }
}

async function toldPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('has no output')
  const deadline = AbortSignal.timeout(START_MS)
  const lines = createInterface({ input: child.stdout, signal: deadline })
  for await (const line of lines) {
    const port = Number(line.trim().split(' ').at(-1))
    if (port > 0) return port
  }
  throw new Error('printed no port')
}

async function greeted(child: ChildProcess, port: number): Promise<void> {
  const untilMs = performance.now() + START_MS
  while (performance.now() < untilMs) {
    if (child.exitCode !== null || child.signalCode !== null) break
    if (await greets(port)) return
    await sleep(5)
  }
  throw new Error('did not greet (DEBUG=1 shows what it says)')
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('data', () => socket.destroy())
  })
}

/** A port that nobody listens on, until somebody does. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
