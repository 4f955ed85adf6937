import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { dir } from 'tmp-promise'
import { expect, test } from 'vitest'
import { startSharedServer } from '../../src/harness/shared-server.ts'
import { sharedSources } from '../../src/harness/shared-sources.ts'
import { optionsFrom } from '../../src/harness/sources.ts'
import { RawClient } from '../support/raw-client.ts'

test('the config file counts least, then the config of the runner, then the environment', async () => {
  const { path: root, cleanup } = await dir({ unsafeCleanup: true })
  await writeFile(path.join(root, 'ftp-fixture.config.json'), '{ "files": "basic", "timeout": "1s", "banner": "file" }')
  const sources = await sharedSources({
    root,
    runner: { name: 'runner', options: { timeout: '2s', banner: 'runner' } },
    environment: { FTP_FIXTURE_OPTIONS: '{ "banner": "environment" }' },
    load: () => undefined,
  })
  expect(optionsFrom(sources)).toEqual({ files: 'basic', timeout: '2s', banner: 'environment' })
  await cleanup()
})

test('renewed, it is what it was at the start', async () => {
  const shared = await startSharedServer({ files: { 'a.txt': 'a' }, scenario: 'slow-download' })
  const { ftp } = shared
  const client = await RawClient.login(ftp)
  await ftp.files.write('b.txt', 'b')
  await ftp.lane('left by a worker that crashed')
  ftp.reset()
  await shared.renew()
  await client.closed()
  expect(ftp.scenario).toBe('slow-download')
  expect(await ftp.files.exists('b.txt')).toBe(false)
  expect(ftp.transcript.commands()).toEqual([])
  expect(ftp.lanes.size).toBe(0)
  await shared.stop()
})

test('a directory of the user is left as it is', async () => {
  const { path: root, cleanup } = await dir({ unsafeCleanup: true })
  const shared = await startSharedServer({ root })
  await shared.ftp.files.write('b.txt', 'b')
  await shared.renew()
  expect(await shared.ftp.files.exists('b.txt')).toBe(true)
  await shared.stop()
  await cleanup()
})
