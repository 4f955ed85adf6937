import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { CliError } from '../errors.ts'
import { BoundedText } from './bounded-text.ts'
import { endGroup, ownGroup, signalGroup } from './process-group.ts'

/** How a command ended: by itself, by a signal, or because it was ended. */
export type Ending =
  | { readonly is: 'exited'; readonly status: number }
  | { readonly is: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly is: 'timed out' }
  | { readonly is: 'interrupted' }

/** What is needed to run a command. */
export interface CommandOptions {
  /** The program, and its arguments. */
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Time after which it is ended; 0 is never. */
  readonly timeoutMs: number
  /** Ends it when it aborts. */
  readonly interrupted: AbortSignal
}

/** What became of a command. */
export interface CommandOutcome {
  readonly ending: Ending
  /** What it wrote, on both outputs; of very much, the beginning and the end. */
  readonly output: string
  readonly durationMs: number
}

/** The program of a command is not there, or is none. */
class CommandNotStarted extends CliError {
  override readonly name = 'CommandNotStarted'
  /** As of a shell that does not find a command. */
  override readonly status = 127
}

/** How long processes that were asked to end may take. */
const GRACE_MS = 2000
/** How long the output stays open for a process that has left the group, as daemons do. */
const DAEMON_MS = 500

/** Runs a command with nothing to read; when it resolves, no process that it started is left. */
export async function runCommand({ command, env, ...limits }: CommandOptions): Promise<CommandOutcome> {
  const began = performance.now()
  const output = new BoundedText()
  const child = await started(command, env, output)
  const closed = once(child, 'close')
  const kill = () => void signalGroup(child, 'SIGKILL')
  process.once('exit', kill)
  const ending = await endingOf(child, limits)
  const durationMs = performance.now() - began
  await endGroup(child, GRACE_MS)
  process.off('exit', kill)
  await Promise.race([closed, pause(DAEMON_MS, undefined, { ref: false })])
  for (const stream of [child.stdout, child.stderr]) stream.destroy()
  return { ending, output: String(output), durationMs }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such command',
  ENOTDIR: 'there is no such command',
  EACCES: 'it may not be run',
}

async function started([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv, output: BoundedText) {
  try {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], ...ownGroup })
    const begun = once(child, 'spawn')
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.add(chunk))
    await begun
    return child
  } catch (error) {
    // Some failures are thrown, others are an event: https://nodejs.org/api/child_process.html
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new CommandNotStarted(`cannot start "${program}": ${REASONS[code] ?? message}`, { cause: error })
  }
}

type Limits = Pick<CommandOptions, 'timeoutMs' | 'interrupted'>

/** Resolves when a command has ended by itself, or has to be ended. */
function endingOf(child: ChildProcess, { timeoutMs, interrupted }: Limits): Promise<Ending> {
  return new Promise((resolve) => {
    const timer = timeoutMs === 0 ? undefined : setTimeout(() => end({ is: 'timed out' }), timeoutMs)
    const interrupt = () => end({ is: 'interrupted' })
    const end = (ending: Ending) => {
      clearTimeout(timer)
      interrupted.removeEventListener('abort', interrupt)
      resolve(ending)
    }
    child.once('exit', (status, signal) =>
      end(signal === null ? { is: 'exited', status: status ?? 0 } : { is: 'killed', signal }),
    )
    if (interrupted.aborted) interrupt()
    else interrupted.addEventListener('abort', interrupt)
  })
}
