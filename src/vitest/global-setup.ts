import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { CONFIG_FILES, configFile } from '../harness/config-file.ts'
import { liveOption } from '../harness/portable-options.ts'
import { type SharedServer, startSharedServer } from '../harness/shared-server.ts'
import { sharedSources } from '../harness/shared-sources.ts'
import { startSharedThread } from '../harness/shared-thread.ts'
import { type OptionSource, startFrom } from '../harness/sources.ts'
import type { ProvidedFtp } from './provided.ts'

/**
 * Starts a server for all tests of a project, which find it with `inject('ftp')`; gives what ends it. In watch mode it
 * lives on, and is made what it was at the start before tests are run again; with another config file, a new one is
 * started.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let config = configText(project)
  let sources = await sourcesOf(project, config)
  let server = await start(project, sources)
  project.vitest.config.forceRerunTriggers.push(CONFIG_FILES)
  project.onTestsRerun(async () => {
    const text = configText(project)
    if (text === config) return server.renew()
    config = text
    // The next one may be told to take the same port.
    await server.stop()
    try {
      const next = await sourcesOf(project, text)
      server = await start(project, next)
      sources = next
    } catch (error) {
      // While somebody is still writing it, a config file may well be wrong.
      console.error(`ftp-fixture: the server stays what it was; ${(error as Error).message}`)
      server = await start(project, sources)
    }
  })
  return () => server.stop()
}

async function sourcesOf(project: TestProject, config: string): Promise<readonly OptionSource[]> {
  const provide: Partial<ProvidedContext> = project.config.provide
  return sharedSources({
    root: project.config.root,
    runner: { name: 'test.provide.ftpOptions', options: (provide.ftpOptions ?? {}) as StartFtpServerOptions },
    environment: process.env,
    // A module that was loaded before is not looked at again by its name.
    load: (file) => project.import(`${file}?${digest(config)}`),
  })
}

async function start(project: TestProject, sources: readonly OptionSource[]): Promise<SharedServer> {
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

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** What tells one state of the config file from another. */
function configText({ config: { root } }: TestProject): string {
  try {
    const file = configFile(root, process.env)
    return file === undefined ? '' : readFileSync(file, 'utf8')
  } catch (error) {
    return String(error)
  }
}
