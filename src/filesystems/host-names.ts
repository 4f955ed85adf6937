import { readFileSync } from 'node:fs'

const names = { user: undefined, group: undefined } as Record<'user' | 'group', Map<number, string> | undefined>

/** The name of a user id in the host's password file, or `undefined`. */
export function userName(uid: number): string | undefined {
  names.user ??= readNames('/etc/passwd')
  return names.user.get(uid)
}

/** The name of a group id in the host's group file, or `undefined`. */
export function groupName(gid: number): string | undefined {
  names.group ??= readNames('/etc/group')
  return names.group.get(gid)
}

function readNames(file: string): Map<number, string> {
  const byId = new Map<number, string>()
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    // Windows has no such file; ids will do.
  }
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':')
    if (name && id && !byId.has(Number(id))) byId.set(Number(id), name)
  }
  return byId
}
