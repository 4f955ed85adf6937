import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { snapshot, tempTree } from '../filesystems/temp-tree.ts'
import { RawClient } from '../support/raw-client.ts'

/** How often each command is tried; RACE_TRIES says otherwise. */
const TRIES = Number(process.env.RACE_TRIES ?? 300)
const SWAPPING = fileURLToPath(new URL('../support/swapping-program.mjs', import.meta.url))

/** A root in which another process exchanges the directory `spot` for a link to outside and back, as fast as it can. */
async function swappedWorld() {
  const base = await tempTree({
    'outside/sub': null,
    'outside/file': 'theirs',
    'root/spot/sub': null,
    'root/spot/file': 'mine',
    'root/spot.link': { link: '../outside' },
  })
  const swapping = fork(SWAPPING, [path.join(base, 'root/spot')], { execArgv: [] })
  onTestFinished(async () => {
    swapping.kill('SIGKILL')
    await once(swapping, 'exit')
  })
  await once(swapping, 'message')
  return { root: path.join(base, 'root'), outside: path.join(base, 'outside') }
}

/** Both sides of the race are met: some tries find the directory, some the link. */
function expectBoth(codes: readonly number[]): void {
  expect(codes.some((code) => code < 400)).toBe(true)
  expect(codes.some((code) => code >= 500)).toBe(true)
}

test.runIf(process.platform === 'linux')(
  'commands by name: nothing is changed or seen outside while somebody swaps a directory for a link',
  async () => {
    const { root, outside } = await swappedWorld()
    await using ftp = await startFtpServer({ root })
    await using client = await RawClient.login(ftp)
    const before = snapshot(outside)
    const codes: number[] = []
    for (let tries = 0; tries < TRIES; tries++) {
      // Sent together, so that the server works on them without a break.
      const lines = ['MKD spot/made', 'RMD spot/made', 'SIZE spot/file', 'SITE CHMOD 600 spot/file', 'RMD spot/sub']
      const more = ['MKD spot/sub', 'MFMT 20200101000000 spot/file', 'RNFR spot/file', 'RNTO spot/moved']
      const all = [...lines, ...more, 'RNFR spot/moved', 'RNTO spot/file']
      client.send(all.join('\r\n'))
      for (const line of all) {
        const reply = await client.reply()
        codes.push(reply.code)
        if (line.startsWith('SIZE')) expect(reply.text).not.toBe('213 6')
      }
    }
    expect(snapshot(outside)).toEqual(before)
    expectBoth(codes)
  },
  120_000,
)

test.runIf(process.platform === 'linux')(
  'transfers: nothing of outside is sent, emptied or made while somebody swaps a directory for a link',
  async () => {
    const { root, outside } = await swappedWorld()
    await using ftp = await startFtpServer({ root })
    await using client = await RawClient.login(ftp)
    const before = snapshot(outside)
    const codes: number[] = []
    const commands = ['RETR spot/file', 'STOR spot/up', 'APPE spot/file.log', 'RETR spot/file', 'NLST spot']
    for (let tries = 0; tries < TRIES; tries++) {
      const command = commands[tries % commands.length] ?? ''
      const data = await client.passive()
      const chunks: Buffer[] = []
      data.on('data', (chunk: Buffer) => chunks.push(chunk))
      if (/^(STOR|APPE)/.test(command)) data.end('x')
      const reply = await client.command(command)
      const last = reply.code < 200 ? await client.reply() : reply
      codes.push(last.code)
      data.destroy()
      expect(String(Buffer.concat(chunks))).not.toContain('theirs')
    }
    expect(snapshot(outside)).toEqual(before)
    expectBoth(codes)
  },
  120_000,
)
