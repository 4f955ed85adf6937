import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, chown, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { dir } from 'tmp-promise'
import { afterAll, beforeAll, describe } from 'vitest'
import type { RawClient, WireReply } from './raw-client.ts'
import { run } from './run.ts'

/** `secret`, by each way this system has of hashing it. */
export const SECRET = {
  yescrypt: '$y$j9T$liDAWU2jqdIMinXIG1GQt/$mV9d0S60eQ40sLgfRzGOpQ3lZpwu0eNpNmSKGrei1E0',
  sha512: '$6$05ODwJDPjx4JZoyt$.cKc/s8VohgRGzEqDquicL.OVnjFj/kgcOraUDLzawSMgDhb0P33COfA6YFpL2RfdWMUTf8oSI9S9MXyGjOs2/',
  sha256: '$5$g1l6Bi0t.5KVig4b$nkzRd13JZ/1TpciPFjiiqShn7ZHKI85HSQ0K7Zy9bo/',
  bcrypt: '$2b$12$7JIKeLZFoNG8URB60zosj.kW8pP6TB5jAAr8CfdxaZfOVrva263g2',
  md5: '$1$wkjdVZSm$2kDYUPqWOM7xVB6Q3gLX.0',
  des: '0qz.PXBBy6uY.',
} as const

/** How a user of the system is made; `secret` is his password where nothing else is said. */
export interface UserSpec {
  readonly hash?: string
  readonly shell?: string
  /** Names of groups of the same test file. */
  readonly groups?: readonly string[]
  /** As `useradd --expiredate` takes it. */
  readonly expires?: string
}

/** A user of the system while a test file runs; the ids are there when the first test is. */
export interface TestUser {
  readonly name: string
  readonly home: string
  uid: number
  gid: number
}

const missing = process.geteuid?.() !== 0 || !existsSync('/usr/sbin/useradd')
if (missing && process.env.CI && process.platform === 'linux')
  throw new Error('tests with users of the system need root and useradd')

/** A suite that needs users of the system, and so root; elsewhere it is skipped, but not in CI on Linux. */
export const describeAsRoot: (name: string, suite: () => void) => void = (name, suite) =>
  missing ? describe.skip(`${name} (needs root and useradd)`, suite) : describe(name, suite)

/** Users and groups of the system for the tests of a suite, gone when it has ended. */
export function systemUsers<K extends string>(
  specs: Readonly<Record<K, UserSpec>>,
  groups: readonly string[] = [],
): Readonly<Record<K, TestUser>> {
  const suffix = `${process.pid.toString(36)}${Math.random().toString(36).slice(2, 6)}`
  const full = (name: string) => `ff-${name}-${suffix}`
  const base = { path: '', cleanup: async () => {} }
  const entries = (Object.entries(specs) as [K, UserSpec][]).map(([key, spec]) => {
    const user = {
      name: full(key),
      uid: -1,
      gid: -1,
      get home() {
        return path.join(base.path, key)
      },
    }
    return { key, spec, user }
  })
  beforeAll(async () => {
    Object.assign(base, await dir({ unsafeCleanup: true, prefix: 'system-users' }))
    await chmod(base.path, 0o755)
    for (const group of groups) await manage('groupadd', full(group))
    for (const { spec, user } of entries) await add(user, spec, (spec.groups ?? []).map(full))
  })
  afterAll(async () => {
    const failed: unknown[] = []
    const attempt = (done: Promise<void>) => done.catch((error: unknown) => failed.push(error))
    for (const { user } of entries) await attempt(manage('userdel', user.name))
    for (const group of groups) await attempt(manage('groupdel', full(group)))
    await attempt(rm(base.path, { recursive: true, force: true }))
    if (failed.length > 0) throw new AggregateError(failed, 'users of the system were left behind')
  })
  return Object.fromEntries(entries.map(({ key, user }) => [key, user])) as Record<K, TestUser>
}

type Program = 'useradd' | 'usermod' | 'userdel' | 'groupadd' | 'groupdel' | 'chage'

/** One at a time on this machine: the password file has one lock, and nobody waits for it. */
export async function manage(program: Program, ...args: string[]): Promise<void> {
  const { status, output } = await run('/', 'flock', ['/etc', program, ...args])
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${output}`)
}

async function add(user: TestUser, { hash = SECRET.sha512, shell = '/bin/sh', expires }: UserSpec, groups: string[]) {
  const more = [...(groups.length > 0 ? ['-G', groups.join()] : []), ...(expires ? ['-e', expires] : [])]
  await manage('useradd', '-U', '-M', '-d', user.home, '-s', shell, '-p', hash, ...more, user.name)
  user.uid = Number((await run('/', 'id', ['-u', user.name])).output)
  user.gid = Number((await run('/', 'id', ['-g', user.name])).output)
  await mkdir(user.home)
  await chown(user.home, user.uid, user.gid)
  await chmod(user.home, 0o755)
}

/** The refusal of a command that would have had a data connection. */
export async function refused(client: RawClient, command: string): Promise<WireReply> {
  await client.passiveAddress()
  return client.command(command, 550)
}

/** As whom each thread of this process works. */
export function threadUserIds(): number[] {
  const tasks = readdirSync('/proc/self/task').map((task) => readFileSync(`/proc/self/task/${task}/status`, 'utf8'))
  return tasks.map((status) => Number(status.match(/^Uid:\t\d+\t(\d+)/m)?.[1]))
}
