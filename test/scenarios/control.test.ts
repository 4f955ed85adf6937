import type { FtpFixture } from '../../src/index.ts'
import { BasicFtp } from '../support/scenario-clients.ts'
import { compared, download, FILE, playAll, type Steps } from '../support/scenario-play.ts'

/** A second session beside one that is there, and one when that has gone. */
const besideAnother: Steps = {
  basicFtp: async (_client, ftp) => {
    const second = new BasicFtp(ftp)
    const refused = await second.ready(false).catch(({ message }: Error) => message)
    second.client.close()
    return String(refused)
  },
  curl: async (client, ftp) => {
    const first = new BasicFtp(ftp)
    await first.ready(false)
    const beside = await client.download('/pub/file.bin').catch(({ message }: Error) => message)
    await gone(first, ftp)
    return `${beside}, then ${compared(await client.download('/pub/file.bin'), FILE)}`
  },
}

/** A session right behind one that has ended; curl is told to try again. */
const behindAnother: Steps = {
  basicFtp: async (client, ftp) => {
    client.client.close()
    await ftp.waitFor({ type: 'disconnect', session: 1 })
    await client.ready(false)
    return download.basicFtp(client, ftp)
  },
  curl: async (client, ftp) => {
    const first = new BasicFtp(ftp)
    await first.ready(false)
    await gone(first, ftp)
    const options = ['--retry', '3', '--retry-delay', '1']
    return compared(await client.download('/pub/file.bin', ...options), FILE)
  },
}

async function gone({ client }: BasicFtp, ftp: FtpFixture): Promise<void> {
  client.close()
  await ftp.waitFor({ type: 'disconnect', session: 1 })
}

playAll([
  { scenario: 'greeting-late', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'greeting-announced-by-120', does: download, basicFtp: /failed: 120/, curl: /\(8\)/ },
  { scenario: 'second-session-refused', does: besideAnother, basicFtp: /^421/, curl: /^curl: .*then ok$/ },
  { scenario: 'second-login-refused', does: besideAnother, basicFtp: /^530 Too many/, curl: /^curl: \(67\).*then ok$/ },
  { scenario: 'session-slot-freed-late', does: behindAnother, basicFtp: /failed: 421/, curl: 'ok' },
  { scenario: 'connection-lost-at-accept', does: download, basicFtp: /ECONNRESET/, curl: /\(56\)/, again: 'ok' },
  {
    scenario: 'connection-lost-after-greeting',
    does: download,
    basicFtp: /FIN packet/,
    curl: /\((56|55|8)\)/,
    again: 'ok',
  },
  { scenario: 'connection-lost-before-reply', does: download, basicFtp: /ECONNRESET/, curl: /\(56\)/, again: 'ok' },
  { scenario: 'connection-lost-after-transfer', does: download, basicFtp: 'ok', curl: 'ok', ends: true, again: 'ok' },
  {
    scenario: 'idle-session-closed',
    does: {
      basicFtp: async (client, ftp) => {
        await ftp.waitFor({ type: 'disconnect' })
        return download.basicFtp(client, ftp)
      },
      curl: download.curl,
    },
    basicFtp: /closed because Server sent FIN/,
    curl: 'ok',
    untouched: { curl: [0] },
  },
  {
    scenario: 'control-expires-during-transfer',
    does: download,
    basicFtp: /421/,
    curl: /\(\d+\)/,
    ends: true,
    again: 'ok',
  },
  {
    scenario: 'noop-answered-after-transfer',
    does: {
      basicFtp: async (client, ftp) => {
        const fetched = download.basicFtp(client, ftp)
        await ftp.waitFor({ type: 'reply', verb: 'RETR' })
        client.client.ftp.send('NOOP')
        const outcome = await fetched
        await ftp.waitFor({ type: 'reply', verb: 'NOOP' })
        return outcome
      },
      curl: download.curl,
    },
    basicFtp: 'ok',
    curl: 'ok',
    untouched: { curl: [1] },
    falls: ['curl'],
  },
  {
    scenario: 'black-hole',
    does: download,
    impatient: ['basicFtp', 'curl'],
    basicFtp: /Timeout/,
    curl: /\(28\)/,
    again: 'ok',
  },
  { scenario: 'slow-commands', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'login-without-password', does: download, basicFtp: 'ok', curl: 'ok' },
  { scenario: 'greeting-logs-in', does: download, basicFtp: 'ok', curl: 'ok' },
  {
    scenario: 'account-required',
    does: download,
    curlOptions: ['--ftp-account', 'acme'],
    basicFtp: /failed: 332/,
    curl: 'ok',
    untouched: { basicFtp: [1] },
    falls: ['basicFtp'],
  },
  { scenario: 'login-fails-once', does: download, basicFtp: /failed: 430/, curl: /\(67\)/, again: 'ok' },
  { scenario: 'login-refused-and-closed', does: download, basicFtp: /failed: 530/, curl: /\(67\)/, again: 'ok' },
  {
    scenario: 'pret-required',
    does: download,
    curlOptions: ['--ftp-pret'],
    basicFtp: /failed: .*500 You need to use a client supporting PRET/,
    curl: 'ok',
    untouched: { basicFtp: [1], curl: [0] },
  },
])
