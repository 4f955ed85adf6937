import path from 'node:path'
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment'
import { TestEnvironment as NodeEnvironment } from 'jest-environment-node'
import { type OptionSource, sourceFrom } from '../harness/sources.ts'
import { startTestServer, type TestServer } from '../harness/test-server.ts'
import { type CircusEvent, Dialogues } from './dialogues.ts'
import { type Pragmas, pragmaOptions } from './pragmas.ts'

/** jest's environment for Node with a server for each test file, as `globalThis.ftp`. */
export default class TestEnvironment extends NodeEnvironment {
  readonly #file: string
  readonly #sources: readonly OptionSource[]
  #server: TestServer | undefined
  #dialogues: Dialogues | undefined

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    super(config, context)
    const { rootDir, testEnvironmentOptions } = config.projectConfig
    this.#file = path.relative(rootDir, context.testPath)
    this.#sources = [
      { name: 'testEnvironmentOptions.ftp', options: testEnvironmentOptions.ftp ?? {} },
      sourceFrom(this.#file, () => pragmaOptions(context.docblockPragmas as Pragmas)),
    ]
  }

  override async setup(): Promise<void> {
    await super.setup()
    const warn = (message: string) => process.emitWarning(`${this.#file}: ${message}`, 'FtpFixtureWarning')
    this.#server = await startTestServer(this.#sources, warn)
    this.#dialogues = new Dialogues(this.#server.ftp)
    this.global.ftp = this.#server.ftp
  }

  override async teardown(): Promise<void> {
    try {
      await this.#server?.stop()
    } finally {
      await super.teardown()
    }
  }

  handleTestEvent(event: CircusEvent): void {
    this.#dialogues?.handle(event)
  }
}
