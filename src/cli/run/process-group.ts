import { type ChildProcess, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Windows has no groups, but can end a process and those below it. */
const isWindows = process.platform === 'win32'

/** What `spawn` needs to be told so that a process is the first of a group. */
export const ownGroup = { detached: !isWindows } as const

const POLL_MS = 20

/** Sends a signal to all processes of a group; tells whether there was one left. */
export function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    if (isWindows && signal !== 0) return spawnSync('taskkill', ['/T', '/F', '/PID', String(pid)]).status === 0
    return process.kill(isWindows ? pid : -pid, signal)
  } catch {
    return false
  }
}

/** Ends all processes of a group: politely, and those that are still there after the grace by force. */
export async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  if (!signalGroup(child, 'SIGTERM')) return
  const end = performance.now() + graceMs
  // Children of children tell nobody but their parent that they have ended.
  while (isRunning(child) && performance.now() < end) await pause(POLL_MS)
  signalGroup(child, 'SIGKILL')
}

/**
 * Whether any process of a group still runs. One that has ended is there until its parent asks after it, and the first
 * process of a container, which inherits those without a parent, may never do that.
 */
function isRunning(child: ChildProcess): boolean {
  if (!signalGroup(child, 0)) return false
  if (process.platform !== 'linux') return true
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && runsIn(Number(name), child.pid))
}

function runsIn(pid: number, group: number | undefined): boolean {
  try {
    // proc_pid_stat(5): the name, in parentheses, may hold anything; behind it are state, parent and group.
    const [state = '', , pgrp] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
    return Number(pgrp) === group && !'ZX'.includes(state)
  } catch {
    return false
  }
}
