import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type StartFtpServerOptions, startFtpServer } from '../../src/index.ts'
import { AbstractedFS, DTPHandler } from '../../src/server.ts'
import { tempTree } from '../filesystems/temp-tree.ts'
import { calls } from '../support/directory-calls-spy.ts'
import { fillHostileDirectory } from '../support/hostile-directory.ts'
import { RawClient } from '../support/raw-client.ts'

vi.mock('../../src/native/directory-calls.ts', async (importOriginal) => {
  const { calls } = await import('../support/directory-calls-spy.ts')
  return calls.watch(await importOriginal())
})

beforeEach(() => calls.reset())
afterEach(() => void vi.unstubAllEnvs())

const ALL_FACTS = 'type;perm;size;modify;create;unique;unix.mode;unix.uid;unix.gid;'

/** A class that has a say in `lstat`, though it says nothing new. */
class OneByOne extends AbstractedFS {
  override lstat(path: string) {
    return super.lstat(path)
  }
}

/** The same, with promises. */
class Asynchronous extends AbstractedFS {
  override async lstat(path: string) {
    return super.lstat(path)
  }

  override async listdir(path: string) {
    const names = super.listdir(path) as Iterable<string>
    return (async function* () {
      yield* names
    })()
  }
}

/** The same bytes through a stage that leaves them as they are. */
class Staged extends DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

const WAYS: Record<string, StartFtpServerOptions & { readonly isAbsent?: true }> = {
  'with koffi': {},
  'without koffi': { isAbsent: true },
  'one by one': { abstractedFs: OneByOne },
  asynchronously: { abstractedFs: Asynchronous },
  'through a stage': { dtpHandler: Staged },
  'one by one through a stage': { abstractedFs: OneByOne, dtpHandler: Staged },
}

/** What each command that lists says of a directory, and of a file in it. */
async function listings(root: string, way: string, options: StartFtpServerOptions): Promise<Record<string, string>> {
  const { isAbsent = false, ...others } = WAYS[way] ?? {}
  calls.isAbsent = isAbsent
  await using ftp = await startFtpServer({ root, ...options, ...others })
  await using client = await RawClient.login(ftp)
  const said: Record<string, string> = {}
  const fetch = async (command: string) => {
    said[command] = (await client.fetch(command)).toString('latin1')
  }
  for (const verb of ['LIST', 'NLST', 'MLSD']) await fetch(`${verb} dir`)
  for (const facts of [ALL_FACTS, 'modify;create;', 'perm;', '']) {
    await client.command(`OPTS MLST ${facts}`, 200)
    said[`MLSD of ${facts}`] = (await client.fetch('MLSD link to dir')).toString('latin1')
  }
  for (const command of [
    'LIST dir/fifo',
    'NLST dir/fifo',
    'LIST link to dir',
    'NLST empty',
    'LIST empty',
    'MLSD empty',
  ])
    await fetch(command)
  said.STAT = (await client.command('STAT dir', 213)).text
  return said
}

async function hostileRoot(): Promise<string> {
  const root = await tempTree({ empty: null, dir: null })
  await fillHostileDirectory(path.join(root, 'dir'))
  symlinkSync('dir', path.join(root, 'link to dir'))
  return root
}

describe.runIf(process.platform === 'linux')('a directory full of oddities', () => {
  const OPTIONS: Record<string, StartFtpServerOptions> = {
    'with times in GMT': {},
    'with local times': { useGmtTimes: false },
    'in latin1': { encoding: 'latin1' },
    'in cp1252': { encoding: 'cp1252' },
    'to a user who may only read': { users: [{ username: 'user', password: '12345', perm: 'elr' }] },
  }
  test.each(Object.keys(OPTIONS))('is listed byte by byte the same in every way, %s', async (name) => {
    vi.stubEnv('TZ', 'America/New_York')
    for (let round = 0; round < 2; round++) {
      const root = await hostileRoot()
      const [first = '', ...others] = Object.keys(WAYS)
      const expected = await listings(root, first, OPTIONS[name] ?? {})
      expect(calls.looked).toBeGreaterThan(500)
      expect(expected['LIST dir']?.split('\r\n').length).toBeGreaterThan(100)
      for (const way of others) {
        calls.reset()
        const said = await listings(root, way, OPTIONS[name] ?? {})
        expect(calls.looked > 0).toBe(way === 'through a stage')
        expect(calls.read > 0).toBe(way !== 'without koffi')
        for (const [command, text] of Object.entries(expected)) {
          expect(said[command]?.split('\r\n'), `${command} ${way}`).toEqual(text.split('\r\n'))
        }
      }
    }
  })
})
