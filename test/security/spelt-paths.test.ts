import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { snapshot, tempTree } from '../filesystems/temp-tree.ts'
import { RawClient } from '../support/raw-client.ts'

/** Ways that have led out of some server; each is followed by the rest of a path. As bytes, one for each character. */
const WAYS_UP = [
  ...['../', '/../', './../', '..//', '//../', '/..//../', 'sub/../../', 'sub/./.././../', '/sub/../../../../'],
  ...['.../', '..../', '....//', '.. /', ' ../', '..\t/', './ ../', '.././', '..\x01/'],
  ...['..\\', '..\\/', '\\..\\', 'sub\\..\\..\\', '..\x5c/', 'C:\\', 'C:/', '//?/', '\\\\?\\'],
  ...['%2e%2e/', '..%2f', '%2e%2e%2f', '..%5c', '%252e%252e/', '&#46;&#46;/', '..%00/', '..%c0%af'],
  // '/' and '.' in overlong UTF-8, then full-width and look-alike signs.
  ...['..\xc0\xaf', '\xc0\xae\xc0\xae/', '..\xe0\x80\xaf', '\xe0\x80\xae\xe0\x80\xae/', '..\xf0\x80\x80\xaf'],
  ...['\xef\xbc\x8e\xef\xbc\x8e/', '..\xef\xbc\x8f', '..\xe2\x88\x95', '\xe2\x80\xa5/', '..\xc1\x9c'],
  ...['~/', '~root/', '~user/../', '/etc/../', '$HOME/../', '-/../', '-la ../', 'file:///', './/.//..//'],
]

const COMMANDS = ['CWD', 'SIZE', 'MDTM', 'MLST', 'STAT', 'DELE', 'RMD', 'MKD', 'RNFR', 'SITE CHMOD 777']
const TARGETS = ['outside/theirs', 'outside', 'theirs', 'new']

/** Known by its size. */
const THEIRS = 'theirs'.repeat(707)

describe.each(['utf-8', 'latin1', 'shift-jis', 'gb18030', 'big5'])('in %s', (encoding) => {
  test('no spelling of a path leads out of the root', async () => {
    const base = await tempTree({ 'root/sub/mine': 'mine', 'outside/theirs': THEIRS, theirs: THEIRS })
    await using ftp = await startFtpServer({ root: path.join(base, 'root'), encoding } as never)
    await using client = await RawClient.login(ftp)
    const others = () =>
      Object.fromEntries(
        Object.entries(snapshot(base)).filter(([name]) => !name.startsWith('root/') && name !== 'root'),
      )
    const before = others()
    const say = (line: string) => {
      client.socket.write(Buffer.from(`${line}\r\n`, 'latin1'))
      return client.reply()
    }
    for (const [way, target] of WAYS_UP.flatMap((way) => TARGETS.map((target) => [way, target]))) {
      for (const command of COMMANDS) {
        const line = `${command} ${way}${target}`
        const { code, text } = await say(line)
        expect(text, line).not.toMatch(/\b4242\b/)
        if (command === 'CWD' && code < 400) await client.command('CWD /', 250)
      }
    }
    expect(others()).toEqual(before)
  })
})
