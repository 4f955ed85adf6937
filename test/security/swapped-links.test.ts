import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { snapshot, tempTree } from '../filesystems/temp-tree.ts'
import { RawClient, readAll } from '../support/raw-client.ts'
import { Swapper, swappedBy } from '../support/swapped-links.ts'

const native = vi.hoisted(() => ({ isUsed: true }))
vi.mock('../../src/native/openat2.ts', async (original) => {
  const module = await original<typeof import('../../src/native/openat2.ts')>()
  const open = await module.loadOpenWithoutLinks()
  return { ...module, openWithoutLinksWhenWorthwhile: () => (native.isUsed ? open : undefined) }
})

const THEIRS = 'theirs'.repeat(707)
/** What is outside has this content and size, was modified in 1971, and is called so. */
const OUTSIDE = /theirs|\b4242\b|=1971|\b1971\d{10}|Jan +1 +1971/

type Play = (client: RawClient) => Promise<string>

const say =
  (...lines: string[]): Play =>
  async (client) => {
    const said: string[] = []
    for (const line of lines) said.push((await client.command(line)).text)
    return said.join('\n')
  }

/** Replies, and what came over the data connection; or what went over it. */
const transfer =
  (command: string, content?: string): Play =>
  async (client) => {
    const data = connect({ ...(await client.passiveAddress()), allowHalfOpen: true })
    data.on('error', () => {})
    const came = content === undefined ? readAll(data) : Promise.resolve(void data.end(content))
    const first = await client.command(command)
    const last = first.code < 200 ? await client.reply() : first
    const bytes = first.code < 200 ? String((await came) ?? '') : ''
    data.destroy()
    return `${first.text}\n${last.text}\n${bytes}`
  }

/** What works where nothing is swapped: with the code of its last reply. */
const PLAYS: Readonly<Record<string, readonly [Play, RegExp]>> = {
  RETR: [transfer('RETR spot/file'), /^226.*\nmine/ms],
  'RETR of the link itself': [transfer('RETR note'), /^226.*\nmine/ms],
  STOR: [transfer('STOR spot/file', 'up'), /^226/ms],
  'STOR of a new file': [transfer('STOR spot/new', 'up'), /^226/ms],
  'STOR over the link itself': [transfer('STOR note', 'up'), /^226/ms],
  APPE: [transfer('APPE spot/file', 'up'), /^226/ms],
  'APPE to a new file': [transfer('APPE spot/new', 'up'), /^226/ms],
  'APPE to the link itself': [transfer('APPE note', 'up'), /^226/ms],
  'STOR behind REST': [
    async (client) => (await say('REST 2')(client)) + (await transfer('STOR spot/file', 'up')(client)),
    /^226/ms,
  ],
  STOU: [transfer('STOU spot/new', 'up'), /^226/ms],
  DELE: [say('DELE spot/file'), /^250/],
  MKD: [say('MKD spot/new'), /^257/],
  RMD: [say('RMD spot/sub'), /^250/],
  'RNFR and RNTO away': [say('RNFR spot/file', 'RNTO taken'), /^250/ms],
  'RNFR and RNTO there': [say('RNFR other', 'RNTO spot/file'), /^250/ms],
  MFMT: [say('MFMT 20200101000000 spot/file'), /^213/],
  'MFMT of the link itself': [say('MFMT 20200101000000 note'), /^213/],
  'SITE CHMOD': [say('SITE CHMOD 777 spot/file'), /^200/],
  'SITE CHMOD of the link itself': [say('SITE CHMOD 777 note'), /^200/],
  MDTM: [say('MDTM spot/file', 'MDTM note'), /^213.*\n213/],
  SIZE: [say('SIZE spot/file', 'SIZE note'), /^213 4\n213 4/],
  MLST: [say('OPTS MLST size;modify;', 'MLST spot/file', 'MLST note'), /size=4/i],
  STAT: [say('STAT spot', 'STAT spot/file'), /^213/],
  LIST: [transfer('LIST spot'), /^226.*file/ms],
  'LIST of a file': [transfer('LIST spot/file'), /^226.*file/ms],
  NLST: [transfer('NLST spot'), /^226.*file/ms],
  MLSD: [
    async (client) => (await say('OPTS MLST size;modify;')(client)) + (await transfer('MLSD spot')(client)),
    /^226.*size=4;/ims,
  ],
  'CWD and what follows': [
    async (client) => (await say('CWD spot')(client)) + (await transfer('NLST')(client)) + (await say('CWD /')(client)),
    /^226.*file/ms,
  ],
}

async function world() {
  const base = await tempTree({ 'outside/sub': null, 'outside/file': THEIRS, 'outside/theirs': THEIRS })
  const then = new Date('1971-01-01')
  for (const name of ['sub', 'file', 'theirs', '.']) utimesSync(path.join(base, 'outside', name), then, then)
  const root = path.join(base, 'root')
  const fill = () => {
    rmSync(root, { recursive: true, force: true })
    for (const name of ['spot/sub']) mkdirSync(path.join(root, name), { recursive: true })
    for (const name of ['spot/file', 'note', 'other']) writeFileSync(path.join(root, name), 'mine')
    symlinkSync('../outside', path.join(root, 'spot.link'))
    symlinkSync('../outside/theirs', path.join(root, 'note.link'))
  }
  fill()
  const swapper = new Swapper(root, ['spot', 'note'])
  return { root, outside: path.join(base, 'outside'), fill, swapper }
}

describe.runIf(process.platform === 'linux').each([
  ['found out from the descriptor', false],
  ['found out by the kernel', true],
])('a link that comes between check and use, %s', (_how, isUsed) => {
  test.each(Object.entries(PLAYS))('%s: leads nowhere', async (_name, [play, works]) => {
    native.isUsed = isUsed
    const { root, outside, fill, swapper } = await world()
    await using ftp = await startFtpServer({ root, abstractedFs: swappedBy(() => swapper) })
    await using client = await RawClient.login(ftp)
    const before = snapshot(outside)
    for (let isSwapped = true; isSwapped; swapper.afterCheck++) {
      const said = await play(client)
      isSwapped = swapper.reset()
      if (!isSwapped) expect(said).toMatch(works)
      expect(said, `after check ${swapper.afterCheck}`).not.toMatch(OUTSIDE)
      expect(snapshot(outside), `after check ${swapper.afterCheck}: ${said}`).toEqual(before)
      fill()
    }
    expect(swapper.afterCheck).toBeGreaterThan(2)
  })
})
