import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** What /proc counts time in: a hundredth of a second for programs, on every Linux. */
const TICKS_PER_SECOND = 100

/** A process as /proc shows it. */
export interface ProcessStat {
  readonly parent: number
  /** Seconds of CPU that it took, and those of its children that have ended. */
  readonly cpu: number
}

/** Memory in kB. */
export interface Memory {
  readonly pss: number
  readonly rss: number
}

/** Reads /proc/PID/stat; the name of the program may hold blanks and brackets. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { parent: Number(fields[1]), cpu: ticks / TICKS_PER_SECOND }
}

/** Reads /proc/stat: the seconds of CPU that the machine was busy, with what its host took away. */
export function parseBusy(text: string): number {
  const [line = ''] = text.split('\n', 1)
  const [user = 0, nice = 0, system = 0, _idle, _wait, irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND
}

/** Reads /proc/PID/smaps_rollup. */
export function parseRollup(text: string): Memory {
  const kB = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)
  return { pss: kB('Pss'), rss: kB('Rss') }
}

/** The processes in a list that descend from one, and that one itself. */
export function descendants(all: ReadonlyMap<number, ProcessStat>, root: number): number[] {
  const children = [...all].filter(([, { parent }]) => parent === root).map(([pid]) => pid)
  const own = all.has(root) ? [root] : []
  return [...own, ...children.flatMap((child) => descendants(all, child))]
}

function processes(): Map<number, ProcessStat> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return new Map(
    pids.flatMap((pid) => {
      const text = read(`/proc/${pid}/stat`)
      return text === undefined ? [] : [[Number(pid), parseStat(text)] as const]
    }),
  )
}

/** `undefined` for a process that has ended meanwhile. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return undefined
  }
}

/** Seconds of CPU that a process and all below it took so far. */
export function cpuOf(pid: number): number {
  const all = processes()
  return descendants(all, pid).reduce((sum, each) => sum + (all.get(each)?.cpu ?? 0), 0)
}

/** What a process and all below it hold. */
export function memoryOf(pid: number): Memory {
  const each = descendants(processes(), pid).map((one) => parseRollup(read(`/proc/${one}/smaps_rollup`) ?? ''))
  return each.reduce((sum, { pss, rss }) => ({ pss: sum.pss + pss, rss: sum.rss + rss }), { pss: 0, rss: 0 })
}

/** Seconds of CPU that the whole machine was busy. */
export function busySeconds(): number {
  return parseBusy(readFileSync('/proc/stat', 'latin1'))
}

/** The seconds of CPU that the machine has in a second. */
export const CORES = availableParallelism()
