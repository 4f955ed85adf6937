import { readdirSync, readlinkSync } from 'node:fs'

/** The sockets that this process has open, by the kernel's own names for them: also those that Node knows nothing of. */
export function openSockets(): string[] {
  const found: string[] = []
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      if (target.startsWith('socket:')) found.push(target)
    } catch {
      // The descriptor that read the list is gone by now.
    }
  }
  return found.sort()
}

/** The sockets that were not open before, once those that are being closed are gone; so many may stay. */
export async function socketsSince(before: readonly string[], expected = 0): Promise<string[]> {
  const added = () => openSockets().filter((each) => !before.includes(each))
  for (let turn = 0; turn < 2000 && added().length > expected; turn++) await new Promise(setImmediate)
  return added()
}
