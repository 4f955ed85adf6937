import { readFileSync, writeFileSync } from 'node:fs'
import { startVitest } from 'vitest/node'

let ended = () => {}
const runs = { onTestRunEnd: () => ended() }
const vitest = await startVitest('test', ['configured'], { watch: true, reporters: ['default', runs] })

const config = 'ftp-fixture.config.ts'
const before = readFileSync(config, 'utf8')
for (const text of [before.replace('for all', 'for some'), before.replace('1m', 'abc'), before]) {
  const run = new Promise((resolve) => {
    ended = resolve
  })
  writeFileSync(config, text)
  await run
}
await vitest.close()
process.exit()
