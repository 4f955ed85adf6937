import { createRequire } from 'node:module'
import { sharedSources } from '../harness/shared-sources.ts'
import { startFrom } from '../harness/sources.ts'
import { startShared } from './shared.ts'

const require = createRequire(import.meta.url)

/** What of a project's config counts here. */
interface ProjectConfig {
  readonly rootDir: string
  readonly testEnvironmentOptions: Readonly<Record<string, unknown>>
}

/** Starts a server for all tests of a run, which find it by `FTP_URL`, `FTP_CONTROL_URL` and the like in `process.env`. */
export default async function setup(_global: unknown, project: ProjectConfig): Promise<void> {
  const { rootDir, testEnvironmentOptions } = project
  const sources = await sharedSources({
    root: rootDir,
    runner: { name: 'testEnvironmentOptions.ftp', options: testEnvironmentOptions.ftp ?? {} },
    environment: process.env,
    // Thus jest compiles it, as it does its own setup.
    load: (file) => require(file),
  })
  await startFrom(sources, startShared)
}
