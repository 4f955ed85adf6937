import path from 'node:path'
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment'
import { TestEnvironment as NodeEnvironment } from 'jest-environment-node'
import type { FtpFixture } from '../fixture/ftp-fixture.ts'
import type { StartFtpServerOptions } from '../fixture/options.ts'
import { startFtpServer } from '../fixture/start.ts'
import { optionsFrom } from '../harness/sources.ts'
import { type CircusEvent, Dialogues } from './dialogues.ts'
import { type Pragmas, pragmaOptions } from './pragmas.ts'

/** jest's environment for Node with a server for each test file, as `globalThis.ftp`. */
export default class TestEnvironment extends NodeEnvironment {
  readonly #options: StartFtpServerOptions
  #ftp: FtpFixture | undefined
  #dialogues: Dialogues | undefined

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    super(config, context)
    const { rootDir, testEnvironmentOptions } = config.projectConfig
    this.#options = optionsFrom([
      { name: 'testEnvironmentOptions.ftp', options: testEnvironmentOptions.ftp ?? {} },
      { name: path.relative(rootDir, context.testPath), options: pragmaOptions(context.docblockPragmas as Pragmas) },
    ])
  }

  override async setup(): Promise<void> {
    await super.setup()
    this.#ftp = await startFtpServer(this.#options)
    this.#dialogues = new Dialogues(this.#ftp)
    this.global.ftp = this.#ftp
  }

  override async teardown(): Promise<void> {
    try {
      await this.#ftp?.stop()
    } finally {
      await super.teardown()
    }
  }

  handleTestEvent(event: CircusEvent): void {
    this.#dialogues?.handle(event)
  }
}
