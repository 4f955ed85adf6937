import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { run } from '../support/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The client is in the same process: all that it needs is there before the descriptors go. */
const SESSION = `
const { openSync, closeSync } = require('node:fs')
const { connect } = require('node:net')
const { once } = require('node:events')
const { startFtpServer } = require('./dist-cjs/index.js')
async function main() {
  const ftp = await startFtpServer({ files: { '/file': '' }, users: [{ username: 'a', password: 'b' }] })
  const socket = connect(ftp.port, '127.0.0.1').setEncoding('latin1')
  const ask = async (line) => (socket.write(line + '\\r\\n'), String(await once(socket, 'data')).trim())
  await once(socket, 'data')
  await ask('USER a')
  await ask('PASS b')
  const held = []
  try { for (;;) held.push(openSync('/dev/null')) } catch {}
  const said = [await ask('SIZE file'), await ask('PASV')]
  for (const fd of held) closeSync(fd)
  said.push(await ask('MKD new'))
  socket.destroy()
  await ftp.stop()
  console.log(said.join('\\n'))
}
main()
`

test.skipIf(process.platform === 'win32')(
  'an error is answered though no file of the package can be loaded',
  async () => {
    const { status, output } = await run(root, 'sh', [
      '-c',
      `ulimit -n 100; exec "$0" --eval "$1"`,
      process.execPath,
      SESSION,
    ])
    expect(output.split('\n')).toEqual([
      expect.stringMatching(/^(451|550) /),
      "425 Can't listen for a data connection: EMFILE.",
      '257 "/new" directory created.',
      '',
    ])
    expect(status).toBe(0)
  },
)
