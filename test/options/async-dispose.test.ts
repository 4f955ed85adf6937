import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { asyncDispose } from '../../src/options/async-dispose.ts'

const built = fileURLToPath(new URL('../../dist-cjs/options/async-dispose.js', import.meta.url))

test('it is the symbol of the language, where that has one', async () => {
  expect(asyncDispose).toBe(Symbol.asyncDispose)
  const ftp = await startFtpServer()
  await ftp[asyncDispose]()
  expect(() => ftp.reset()).toThrow('stopped')
})

test('in a context of its own, as jest makes one, it is what compilers of await using look for', () => {
  const module = { exports: {} as { readonly asyncDispose: symbol } }
  const context = { module, exports: module.exports, URL }
  const [own, found] = runInNewContext(
    `${readFileSync(built, 'utf8').replace(/^const moduleUrl.*$/m, '')}
    ;[Symbol.asyncDispose, module.exports.asyncDispose]`,
    context,
  ) as [symbol | undefined, symbol]
  expect(found).toBe(own ?? Symbol.for('Symbol.asyncDispose'))
})
