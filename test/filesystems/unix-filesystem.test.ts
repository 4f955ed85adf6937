import { chmodSync, chownSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UnixAuthorizer } from '../../src/authorizers/index.ts'
import { UnixFilesystem } from '../../src/filesystems/index.ts'
import { FTPHandler } from '../../src/handlers/ftp-handler.ts'
import { FTPServer } from '../../src/servers/ftp-server.ts'
import { RawClient } from '../support/raw-client.ts'
import { run } from '../support/run.ts'
import { describeAsRoot, manage, refused, systemUsers, type TestUser } from '../support/system-users.ts'
import { snapshot, tempTree } from './temp-tree.ts'

const identity = () => [process.geteuid?.(), process.getegid?.(), process.getgroups?.()]
const before = identity()

describe('paths', () => {
  test('are those of the host, and begin in the home', () => {
    const fs = new UnixFilesystem('/home/alice/')
    expect([fs.root, fs.cwd]).toEqual(['/', '/home/alice'])
    expect([fs.ftp2fs('x'), fs.ftp2fs('../bob'), fs.ftp2fs('/etc'), fs.ftp2fs('/..')]).toEqual([
      '/home/alice/x',
      '/home/bob',
      '/etc',
      '/',
    ])
    expect([fs.fs2ftp('/etc/passwd'), fs.fs2ftp('/')]).toEqual(['/etc/passwd', '/'])
    expect([fs.validpath('/etc'), fs.validpath('/no/such/thing')]).toEqual([true, true])
  })

  test('are valid without a look at the host', async () => {
    const base = await tempTree({ loop: { link: 'loop' } })
    expect(new UnixFilesystem(base).validpath(path.join(base, 'loop'))).toBe(true)
  })

  test('may lead through links to anywhere', async () => {
    const base = await tempTree({ 'away/file': 'hello', 'home/link': { link: '../away' } })
    const fs = new UnixFilesystem(path.join(base, 'home'))
    expect(await fs.getsize('link/file')).toBe(5)
    expect(await fs.realpath('link/file')).toBe(path.join(base, 'away/file'))
  })
})

describeAsRoot('as the users of the system', () => {
  const users = systemUsers({ alice: { groups: ['team'] }, bob: {}, carol: { groups: ['team'] } }, ['team'])
  const { alice, bob, carol } = users
  const team = () => carol.name.replace('carol', 'team')
  const teamId = async () => Number((await run('/', 'getent', ['group', team()])).output.split(':')[2])
  let server: FTPServer
  const at = (user: TestUser, name: string) => path.join(user.home, name)
  const logIn = ({ name }: TestUser) => RawClient.login(server.address, name, 'secret')

  function file(hostPath: string, { uid, gid }: { uid: number; gid: number }, mode: number): string {
    writeFileSync(hostPath, 'hello')
    chownSync(hostPath, uid, gid)
    chmodSync(hostPath, mode)
    return hostPath
  }

  beforeEach(async () => {
    const authorizer = new UnixAuthorizer()
    const options = { authorizer, abstractedFs: UnixFilesystem, authFailedTimeout: 0 }
    server = await new FTPServer({ port: 0 }, FTPHandler, options).listen()
  })
  afterEach(async () => {
    await server.close()
    expect(identity()).toEqual(before)
  })

  test('a session begins in the home and may leave it', async () => {
    await using client = await logIn(alice)
    expect((await client.command('PWD', 257)).text).toContain(`"${alice.home}"`)
    await client.command('CWD /etc', 250)
    expect((await client.fetch('RETR passwd')).toString()).toBe(readFileSync('/etc/passwd', 'utf8'))
  })

  test('what a user makes is his, and his group, as the umask has it', async () => {
    await using client = await logIn(bob)
    await client.store('STOR stored', 'text')
    await client.store('APPE appended', 'text')
    const unique = (await client.store('STOU', 'text')).text.replace(/^.*FILE: /, '')
    await client.command('MKD made', 257)
    for (const name of ['stored', 'appended', unique, 'made']) {
      const { uid, gid, mode } = statSync(at(bob, name))
      const asked = name === 'made' ? 0o777 : 0o666
      expect({ uid, gid, mode: mode & 0o777 }, name).toEqual({
        uid: bob.uid,
        gid: bob.gid,
        mode: asked & ~process.umask(),
      })
    }
  })

  test('a file of mode 0600 is read by its owner alone', async () => {
    const secret = file(at(alice, 'secret'), alice, 0o600)
    await using owner = await logIn(alice)
    await using other = await logIn(bob)
    expect((await owner.fetch(`RETR ${secret}`)).toString()).toBe('hello')
    expect((await refused(other, `RETR ${secret}`)).text).toBe('550 Permission denied.')
    await refused(other, `STOR ${secret}`)
    await refused(other, `APPE ${secret}`)
    expect(readFileSync(secret, 'utf8')).toBe('hello')
  })

  test('a file for a group is read by its members, and written by nobody of them', async () => {
    const shared = file(at(bob, 'shared'), { uid: bob.uid, gid: await teamId() }, 0o040)
    for (const member of [alice, carol]) {
      await using client = await logIn(member)
      expect((await client.fetch(`RETR ${shared}`)).toString()).toBe('hello')
      await refused(client, `STOR ${shared}`)
    }
    await using owner = await logIn(bob)
    await refused(owner, `RETR ${shared}`)
  })

  test('a user left out of a group loses it with his next login', async () => {
    const shared = file(at(bob, 'theirs'), { uid: 0, gid: await teamId() }, 0o640)
    await using early = await logIn(carol)
    expect((await early.fetch(`RETR ${shared}`)).toString()).toBe('hello')
    await manage('usermod', '-G', '', carol.name)
    await using late = await logIn(carol)
    await refused(late, `RETR ${shared}`)
    await manage('usermod', '-G', team(), carol.name)
  })

  test("what only an owner may do is refused with another's files", async () => {
    file(at(alice, 'file'), alice, 0o644)
    await using owner = await logIn(alice)
    await owner.command('MKD directory', 257)
    await using other = await logIn(bob)
    await other.command(`CWD ${alice.home}`, 250)
    const untouched = snapshot(alice.home)
    for (const command of [
      'SITE CHMOD 777 file',
      'DELE file',
      'RMD directory',
      'MKD new',
      'MFMT 20200101000000 file',
      'STOR file',
      'STOR new',
      'APPE file',
      'STOU new',
    ]) {
      expect((await refused(other, command)).text, command).toMatch(/denied|not permitted/)
    }
    await other.command('RNFR file', 350)
    await other.command('RNTO moved', 550)
    await other.command('RNFR file', 350)
    await other.command(`RNTO ${at(bob, 'moved')}`, 550)
    expect(snapshot(alice.home)).toEqual(untouched)
    await owner.command('SITE CHMOD 600 file', 200)
    await owner.command('RNFR file', 350)
    await owner.command('RNTO moved', 250)
    await owner.command('DELE moved', 250)
  })

  test.each(['APPE', 'STOR'])("what runs as its owner does not so after another's %s", async (verb) => {
    const open = file(at(alice, `open-${verb}`), alice, 0o4777)
    await using client = await logIn(bob)
    const data = await client.passive()
    if (verb === 'STOR') await client.command('REST 1', 350)
    await client.command(`${verb} ${open}`, 125, 150)
    data.end('changed')
    await client.expect(226)
    expect(statSync(open).mode & 0o7777).toBe(0o777)
    expect(readFileSync(open, 'utf8')).toBe(verb === 'APPE' ? 'hellochanged' : 'hchanged')
  })

  test('a closed directory is neither entered nor listed', async () => {
    await using owner = await logIn(alice)
    await owner.command('MKD closed', 257)
    await owner.store('STOR closed/file', 'text')
    await owner.command('SITE CHMOD 700 closed', 200)
    await using other = await logIn(bob)
    const closed = at(alice, 'closed')
    for (const command of [`CWD ${closed}`, `LIST ${closed}`, `MLSD ${closed}`, `NLST ${closed}`, `STAT ${closed}`]) {
      expect((await refused(other, command)).text, command).toBe('550 Permission denied.')
    }
    for (const command of [
      `SIZE ${closed}/file`,
      `MDTM ${closed}/file`,
      `MLST ${closed}/file`,
      `RNFR ${closed}/file`,
    ]) {
      await other.command(command, 550)
    }
    expect((await owner.fetch('NLST closed')).toString()).toBe('file\r\n')
  })

  test('a link into a closed directory can be removed by who made it', async () => {
    symlinkSync('/root/missing/file', at(bob, 'link'))
    await using client = await logIn(bob)
    await refused(client, 'RETR link')
    await client.command('DELE link', 250)
    expect(readdirSync(bob.home)).not.toContain('link')
  })

  test('anonymous works as the user set for it, and only reads unless told otherwise', async () => {
    const authorizer = server.authorizer as UnixAuthorizer
    authorizer.overrideUser(undefined, { anonymousUser: bob.name })
    await using client = await RawClient.login(server.address, 'anonymous', 'guest')
    await refused(client, 'STOR by-anonymous')
    authorizer.overrideUser('anonymous', { perm: 'elw' })
    await client.store('STOR by-anonymous', 'text')
    expect(statSync(at(bob, 'by-anonymous'))).toMatchObject({ uid: bob.uid, gid: bob.gid })
    await refused(client, `STOR ${at(alice, 'by-anonymous')}`)
  })
})
