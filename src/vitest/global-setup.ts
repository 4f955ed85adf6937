import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { sharedOptions, startSharedServer } from '../harness/shared-server.ts'
import type { ProvidedFtp } from './provided.ts'

/**
 * Starts a server for all tests of a project, which find it with `inject('ftp')`; gives what ends it. In watch mode it
 * lives on, and is made what it was at the start before tests are run again.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { root } = project.config
  const provide: Partial<ProvidedContext> = project.config.provide
  const options = await sharedOptions({
    root,
    runner: { name: 'test.provide.ftpOptions', options: (provide.ftpOptions ?? {}) as StartFtpServerOptions },
    environment: process.env,
    load: (file) => project.import(file),
  })
  const shared = await startSharedServer(options)
  const { url, host, port, username, password, ca, root: directory } = shared.ftp
  const controlUrl = shared.control.urlWithToken
  const provided: ProvidedFtp = { url, host, port, username, password, ...(ca && { ca }), root: directory, controlUrl }
  project.provide('ftp', provided)
  project.onTestsRerun(() => shared.renew())
  return () => shared.stop()
}
