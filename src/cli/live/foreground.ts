import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Whether the terminal is this process's to change: one that is in the background of a shell (`ftp-fixture &`) would be
 * stopped for it.
 */
export function isForeground(): boolean {
  if (process.platform === 'win32') return true
  try {
    return process.platform === 'linux' ? isForegroundByProc() : isForegroundByPs()
  } catch {
    return true
  }
}

/** proc(5): behind the name in brackets come state, parent, group, session, terminal, and the terminal's foreground group. */
function isForegroundByProc(): boolean {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return group === foreground
}

/** '+' stands for the foreground; POSIX does not say so, macOS and the BSDs do. */
function isForegroundByPs(): boolean {
  const state = execFileSync('ps', ['-o', 'stat=', '-p', String(process.pid)], { stdio: ['ignore', 'pipe', 'ignore'] })
  return state.includes('+')
}
