import { chmodSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { DTPHandler, DummyAuthorizer } from '../../src/server.ts'
import { openBelow, tempTree } from '../filesystems/temp-tree.ts'
import { RawClient } from '../support/raw-client.ts'
import { smallDisk } from '../support/small-disk.ts'

class Staged extends DTPHandler {
  override stages() {
    return [(chunks: AsyncIterable<Buffer>) => chunks]
  }
}

for (const dtpHandler of [DTPHandler, Staged]) {
  test(`a full disk is 452, and the session goes on: ${dtpHandler.name}`, async (context) => {
    using small = smallDisk(await tempTree())
    if (small === undefined) return context.skip('only root can mount a small disk')
    await using ftp = await startFtpServer({ root: small.disk, dtpHandler })
    await using client = await RawClient.login(ftp)
    const data = await client.passive()
    await client.command('STOR a.bin', 125, 150)
    data.end(Buffer.alloc(1024 ** 2, 'x'))
    expect((await client.expect(452)).text).toMatch(/^452 No space left on device\.$/i)
    data.destroy()
    expect(openBelow(small.disk)).toEqual([])
    expect(ftp.transcript.transfers()).toMatchObject([{ outcome: 'failed', verb: 'STOR' }])
    await client.command('DELE a.bin', 250)
    await client.store('STOR b.txt', 'b')
    expect(String(await client.fetch('RETR b.txt'))).toBe('b')
    expect(await ftp.stop()).toEqual({ sessions: 1, transfers: 0, unfired: [] })
  })
}

/** A user of the system who may do nothing, where the server is root and could do everything. */
class Nobody extends DummyAuthorizer {
  override impersonateUser() {
    if (process.getuid?.() === 0) process.seteuid?.(65_534)
  }
  override terminateImpersonation() {
    if (process.getuid?.() === 0) process.seteuid?.(0)
  }
}

test('errors of the disk are 550 in plain words, and no reply names a path of the host', async () => {
  const directory = await tempTree({ 'home/full/a.txt': 'a', 'home/file.txt': 'f', 'home/locked/b.txt': 'b' })
  const home = path.join(directory, 'home')
  for (const open of [directory, home]) chmodSync(open, 0o777)
  for (const locked of ['locked/b.txt', 'locked']) chmodSync(path.join(home, locked), 0)
  const authorizer = new Nobody()
  authorizer.addUser('user', '12345', home, { perm: 'elradfmwMT' })
  await using ftp = await startFtpServer({ authorizer })
  await using client = await RawClient.login(ftp)
  const cases = [
    ['MKD file.txt', 'File already exists.'],
    ['MKD file.txt/x', 'Not a directory.'],
    ['MKD missing/x', 'No such file or directory.'],
    ['CWD file.txt', 'Not a directory.'],
    ['CWD missing', 'No such file or directory.'],
    ['CWD locked', 'Permission denied.'],
    ['RMD full', 'Directory not empty.'],
    ['RMD file.txt', 'Not a directory.'],
    ['DELE full', /^(Illegal operation on a directory|Operation not permitted|Permission denied)\.$/],
    ['DELE missing', 'No such file or directory.'],
    ['DELE locked/b.txt', 'Permission denied.'],
    ['MDTM locked/b.txt', 'Permission denied.'],
    ['SITE CHMOD 777 missing', 'No such file or directory.'],
    ['MFMT 20200101000000 missing', 'No such file or directory.'],
    ['STAT locked', 'Permission denied.'],
    ['MLST locked/b.txt', 'Permission denied.'],
  ] as const
  for (const [command, words] of cases) {
    const { text } = await client.command(command, 550)
    expect(
      text.slice(4).replace(/^./, (letter) => letter.toUpperCase()),
      command,
    ).toMatch(typeof words === 'string' ? new RegExp(`^${words.replace('.', '\\.')}$`, 'i') : words)
  }
  const transfers = [
    ['RETR full', /regular file|illegal operation on a directory/i],
    ['STOR full', /regular file|illegal operation on a directory/i],
    ['RETR locked/b.txt', /permission denied/i],
    ['STOR locked/c.txt', /permission denied/i],
    ['STOR missing/c.txt', /no such file or directory/i],
    ['APPE file.txt/c.txt', /not a directory/i],
    ['LIST locked', /permission denied/i],
    ['NLST missing', /no such file or directory/i],
  ] as const
  for (const [command, words] of transfers) {
    await client.passiveAddress()
    expect((await client.command(command, 550)).text, command).toMatch(words)
  }
  await client.command('RNFR file.txt', 350)
  await client.command('RNTO missing/x', 550)
  await client.command('RNFR file.txt', 350)
  await client.command('RNTO full', 550)
  const said = ftp.transcript.replies().flatMap(({ lines }) => lines)
  expect(said.filter((line) => line.includes(directory))).toEqual([])
  expect(openBelow(directory)).toEqual([])
  chmodSync(path.join(home, 'locked'), 0o755)
})
