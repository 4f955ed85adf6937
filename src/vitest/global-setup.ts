import { readFileSync } from 'node:fs'
import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { CONFIG_FILES, configFile } from '../harness/config-file.ts'
import { liveOption } from '../harness/portable-options.ts'
import { type SharedServer, startSharedServer } from '../harness/shared-server.ts'
import { sharedSources } from '../harness/shared-sources.ts'
import { startSharedThread } from '../harness/shared-thread.ts'
import { startFrom } from '../harness/sources.ts'
import type { ProvidedFtp } from './provided.ts'

/**
 * Starts a server for all tests of a project, which find it with `inject('ftp')`; gives what ends it. In watch mode it
 * lives on, and is made what it was at the start before tests are run again; with another config file, a new one is
 * started.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let config = configText(project)
  let server = await start(project, config)
  project.vitest.config.forceRerunTriggers.push(CONFIG_FILES)
  project.onTestsRerun(async () => {
    const text = configText(project)
    if (text === config) return server.renew()
    const next = await start(project, text).catch(tell)
    if (next === undefined) return server.renew()
    const before = server
    config = text
    server = next
    return before.stop()
  })
  return () => server.stop()
}

async function start(project: TestProject, config: string): Promise<SharedServer> {
  const provide: Partial<ProvidedContext> = project.config.provide
  const sources = await sharedSources({
    root: project.config.root,
    runner: { name: 'test.provide.ftpOptions', options: (provide.ftpOptions ?? {}) as StartFtpServerOptions },
    environment: process.env,
    // A module that was loaded before is not looked at again by its name.
    load: (file) => project.import(`${file}?${encodeURIComponent(config)}`),
  })
  const server = await startFrom(sources, startShared)
  const { control, ca, ...address } = server.address
  const provided: ProvidedFtp = { ...address, ...(ca && { ca }), controlUrl: control.urlWithToken }
  project.provide('ftp', provided)
  return server
}

/** Functions cannot go to another thread; a server that has any shares that of vitest. */
function startShared(options: StartFtpServerOptions): Promise<SharedServer> {
  return liveOption(options) === undefined ? startSharedThread(options) : startSharedServer(options)
}

function configText({ config: { root } }: TestProject): string {
  const file = configFile(root, process.env)
  return file === undefined ? '' : readFileSync(file, 'utf8')
}

/** While somebody is still writing it, a config file may well be wrong. */
function tell(error: Error): undefined {
  console.error(`ftp-fixture: the server stays as it was; ${error.message}`)
}
