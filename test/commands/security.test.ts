import { describe, expect, test } from 'vitest'
import { TLS_FTPHandler } from '../../src/server.ts'
import { dialogue } from '../support/dialogue.ts'
import {
  encrypted,
  encryptions,
  fetchOver,
  ftpsFixture,
  implicit,
  logIn,
  protectedData,
  secured,
  trusting,
} from '../support/ftps.ts'
import { overTls, RawClient, readAll } from '../support/raw-client.ts'

describe('AUTH', () => {
  test.each(['TLS', 'TLS-C', 'SSL', 'TLS-P', 'tls', 'Ssl'])('%s encrypts the connection', async (mechanism) => {
    await using ftp = await ftpsFixture()
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    expect((await client.command(`AUTH ${mechanism}`)).text).toBe(`234 AUTH ${mechanism.toUpperCase()} successful.`)
    const socket = await client.startTls(trusting(ftp))
    expect(socket.authorized).toBe(true)
    await client.command('NOOP', 200)
    expect(encryptions(ftp)).toMatchObject([{ connection: 'control', protocol: 'TLSv1.3', resumed: false }])
  })

  test('other mechanisms are 504, none is 501, and the session goes on in clear', async () => {
    await using ftp = await ftpsFixture()
    await dialogue(
      ftp,
      `S: 220
       C: AUTH GSSAPI
       S: 504 Unrecognized encryption type (use TLS or SSL).
       C: AUTH TLS-X
       S: 504
       C: AUTH
       S: 501
       C: USER user
       S: 331
       C: PASS 12345
       S: 230`,
    )
  })

  test('is 503 where the connection is encrypted already', async () => {
    await using ftp = await ftpsFixture()
    await using client = await encrypted(ftp)
    expect((await client.command('AUTH TLS', 503)).text).toBe('503 Already using TLS.')
    await client.command('NOOP', 200)
  })

  test('is not known to a handler without TLS', async () => {
    await using ftp = await ftpsFixture({ tls: false })
    await dialogue(
      ftp,
      `S: 220
       C: AUTH TLS
       S: 500
       C: PBSZ 0
       S: 500
       C: PROT P
       S: 500`,
    )
  })

  test('makes a login in clear void, and what was set up by it (RFC 2228 §3)', async () => {
    const told: string[] = []
    class Handler extends TLS_FTPHandler {
      override onLogout(username: string) {
        told.push(username)
      }
    }
    await using ftp = await ftpsFixture({ handler: Handler })
    await using client = await RawClient.login(ftp)
    await client.command('RNFR a.txt', 350)
    await client.command('EPSV ALL', 220)
    await client.secure(trusting(ftp))
    await client.command('PWD', 530)
    expect(told).toEqual(['user'])
    await client.command('USER user', 331)
    await client.command('PASS 12345', 230)
    await client.command('RNTO b.txt', 503)
    await client.command('SIZE a.txt', 550)
    await client.command('PASV', 227)
  })

  test('makes a USER in clear void too: a password counts for the name that came encrypted', async () => {
    await using ftp = await ftpsFixture()
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    await client.command('USER somebody', 331)
    await client.secure(trusting(ftp))
    await client.command('PASS 12345', 503)
  })

  test('a callback that takes its time does not get between 234 and the handshake', async () => {
    let done = false
    class Handler extends TLS_FTPHandler {
      override async onLogout() {
        await this.server.ioloop.sleep(50)
        done = true
      }
    }
    await using ftp = await ftpsFixture({ handler: Handler })
    await using client = await RawClient.login(ftp)
    await client.secure(trusting(ftp))
    await client.command('NOOP', 200)
    expect(done).toBe(true)
  })
})

describe('PBSZ and PROT', () => {
  test('are 503 in clear', async () => {
    await using ftp = await ftpsFixture()
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    const inClear = 'not allowed on insecure control connection.'
    expect((await client.command('PBSZ 0')).text).toBe(`503 PBSZ ${inClear}`)
    expect((await client.command('PROT P')).text).toBe(`503 PROT ${inClear}`)
    expect((await client.command('PROT X')).text).toBe(`503 PROT ${inClear}`)
  })

  test('go in this order, before a login or behind it', async () => {
    await using ftp = await ftpsFixture()
    await using client = await encrypted(ftp)
    expect((await client.command('PROT P', 503)).text).toContain('PBSZ')
    await client.command('PROT C', 503)
    expect((await client.command('PBSZ 0', 200)).text).toContain('PBSZ=0')
    expect((await client.command('PROT P', 200)).text).toBe('200 Protection set to Private.')
    await logIn(client)
    const data = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
    expect((await client.command('PROT c', 200)).text).toBe('200 Protection set to Clear.')
    expect(String(await client.fetch('RETR a.txt'))).toBe('over the wire\n')
    expect(encryptions(ftp, 'data')).toHaveLength(1)
  })

  test('PBSZ takes any size and answers 0; what is no size is 501', async () => {
    await using ftp = await ftpsFixture()
    await using client = await encrypted(ftp)
    for (const wrong of ['-1', 'x', '1.5', '4294967296', '0 0']) {
      expect((await client.command(`PBSZ ${wrong}`)).text).toBe('501 Invalid buffer size.')
    }
    await client.command('PBSZ', 501)
    await client.command('PROT P', 503)
    for (const right of ['4294967295', '0']) {
      expect((await client.command(`pbsz ${right}`, 200)).text).toContain('PBSZ=0')
    }
  })

  test('PROT S and E are 536, what is no level is 504, and nothing changes', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp)
    for (const [level, code] of Object.entries({ S: 536, E: 536, s: 536, X: 504, PP: 504, '0': 504 })) {
      const { text } = await client.command(`PROT ${level}`, code)
      const known = `536 PROT ${level.toUpperCase()} unsupported (use C or P).`
      expect(text).toBe(code === 536 ? known : '504 Unrecognized PROT type (use C or P).')
    }
    await client.command('PROT', 501)
    const data = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
  })

  test('without PROT, data connections are in clear', async () => {
    await using ftp = await ftpsFixture()
    await using client = await encrypted(ftp)
    await logIn(client)
    expect(String(await client.fetch('RETR a.txt'))).toBe('over the wire\n')
  })

  test('a level that changes closes the data connection that was set up at another one', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, { protection: 'C' })
    const open = await client.passive()
    await client.command('PROT C', 200)
    await client.command('PROT P', 200)
    await client.command('RETR a.txt', 425)
    open.destroy()
    const address = await client.passiveAddress()
    await client.command('PROT C', 200)
    await expect(RawClient.connect(address)).rejects.toThrow('ECONNREFUSED')
    await client.command('RETR a.txt', 425)
    expect(ftp.server.dataConnections).toBe(0)
  })

  test('the same level again leaves it open, and a transfer that runs goes on', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp)
    const data = await protectedData(client, trusting(ftp))
    await client.command('PROT P', 200)
    await client.command('STOR b.txt', 125, 150)
    await client.command('PROT C', 200)
    data.resume().end('to its end')
    await client.expect(226)
    expect(await ftp.files.read('b.txt', 'utf8')).toBe('to its end')
  })
})

describe('the protection of a data connection is that of when it was set up', () => {
  test.each([
    ['REIN', 230],
    ['PROT C', 200],
  ])('%s while it is awaited does not lay it open', async (command, code) => {
    await using ftp = await ftpsFixture({ tlsDataRequired: command === 'REIN' })
    await using client = await secured(ftp)
    for (const fetch of ['RETR a.txt', 'LIST']) {
      await logIn(client)
      await client.command('PBSZ 0', 200)
      await client.command('PROT P', 200)
      const address = await client.passiveAddress()
      await client.command(fetch, 150)
      await client.command(command, code)
      const { socket } = await RawClient.connect(address)
      socket.removeAllListeners('data')
      expect(String(await readAll(await overTls(socket, trusting(ftp))))).toMatch(/over the wire|a\.txt/)
      await client.expect(226)
    }
  })

  test('PROT P while one in clear is awaited counts for the next', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, { protection: 'C' })
    const address = await client.passiveAddress()
    await client.command('RETR a.txt', 150)
    await client.command('PROT P', 200)
    const { socket } = await RawClient.connect(address)
    socket.removeAllListeners('data')
    expect(String(await readAll(socket))).toBe('over the wire\n')
    await client.expect(226)
    const data = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
  })
})

describe('a new user', () => {
  test('REIN resets PROT and PBSZ, and leaves the connection encrypted', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp)
    await client.command('REIN', 230)
    await client.command('PROT P', 503)
    await logIn(client)
    expect(String(await client.fetch('RETR a.txt'))).toBe('over the wire\n')
    await client.command('AUTH TLS', 503)
    await client.command('PBSZ 0', 200)
    await client.command('PROT P', 200)
    const data = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
  })

  test('REIN over implicit TLS leaves data connections encrypted, as they are from the start', async () => {
    await using ftp = await ftpsFixture({ implicitTls: true })
    await using client = await implicit(ftp)
    await client.expect(220)
    await logIn(client)
    await client.command('PROT C', 200)
    expect(String(await client.fetch('RETR a.txt'))).toBe('over the wire\n')
    await client.command('REIN', 230)
    await logIn(client)
    const data = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
    await client.command('PROT C', 200)
  })

  test('USER leaves PROT as it is: "all transfer parameters are unchanged" (RFC 959 §4.1.1)', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp)
    await logIn(client)
    const data = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
  })
})

describe('what a server requires', () => {
  test('with tlsControlRequired, USER and PASS are 550 in clear', async () => {
    await using ftp = await ftpsFixture({ tlsControlRequired: true })
    await using client = await RawClient.connect(ftp)
    await client.expect(220)
    expect((await client.command('USER user', 550)).text).toBe('550 SSL/TLS required on the control channel.')
    await client.command('PASS 12345', 550)
    await client.command('FEAT', 211)
    await client.secure(trusting(ftp))
    await logIn(client)
    expect(String(await client.fetch('RETR a.txt'))).toBe('over the wire\n')
  })

  test('with tlsDataRequired, data connections and transfers are 550 without PROT P', async () => {
    await using ftp = await ftpsFixture({ tlsDataRequired: true })
    await using clear = await RawClient.login(ftp)
    await using client = await encrypted(ftp)
    await logIn(client)
    const refused = ['PASV', 'EPSV', 'PORT 127,0,0,1,200,1', 'EPRT |1|127.0.0.1|51201|']
    const transfers = ['RETR a.txt', 'STOR b.txt', 'APPE b.txt', 'STOU', 'LIST', 'NLST', 'MLSD']
    for (const session of [clear, client]) {
      for (const line of [...refused, ...transfers]) {
        expect((await session.command(line)).text, line).toBe('550 SSL/TLS required on the data channel.')
      }
      await session.command('MLST a.txt', 250)
    }
    await client.command('PBSZ 0', 200)
    expect((await client.command('PROT C', 534)).text).toBe('534 SSL/TLS required on the data channel.')
    await client.command('PASV', 550)
    await client.command('PROT P', 200)
    const data = await protectedData(client, trusting(ftp))
    expect(String(await fetchOver(client, data, 'RETR a.txt'))).toBe('over the wire\n')
    await client.command('PROT C', 534)
    expect(await ftp.files.list()).toEqual(['a.txt', 'big.bin', 'empty.bin'])
  })

  test('with tlsDataRequired on a running server, a data connection in clear gets no transfer', async () => {
    await using ftp = await ftpsFixture()
    await using client = await secured(ftp, { protection: 'C' })
    const data = await client.passive()
    ftp.server.configure({ tlsDataRequired: true })
    await client.command('RETR a.txt', 550)
    data.destroy()
  })
})

test('FEAT names AUTH TLS, PBSZ and PROT, and HELP knows them', async () => {
  await using ftp = await ftpsFixture()
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  const { lines } = await client.command('FEAT', 211)
  expect(lines.filter((line) => /^ (AUTH|PBSZ|PROT)/.test(line))).toEqual([' AUTH TLS', ' PBSZ', ' PROT'])
  const help = (await client.command('HELP', 214)).text.split(/\s+/)
  expect(help).toEqual(expect.arrayContaining(['AUTH', 'PBSZ', 'PROT']))
  expect((await client.command('HELP auth', 214)).text).toBe('214 Syntax: AUTH <SP> TLS | SSL')
  expect((await client.command('HELP PBSZ', 214)).text).toBe('214 Syntax: PBSZ <SP> 0')
  expect((await client.command('HELP PROT', 214)).text).toBe('214 Syntax: PROT <SP> C | P')
})

test('a server without TLS names none of them', async () => {
  await using ftp = await ftpsFixture({ tls: false })
  await using client = await RawClient.connect(ftp)
  await client.expect(220)
  expect((await client.command('FEAT', 211)).text).not.toMatch(/AUTH|PBSZ|PROT/)
  await client.command('HELP AUTH', 501)
})
