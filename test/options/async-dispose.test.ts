import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { transformSync } from 'esbuild'
import { expect, test } from 'vitest'
import { startFtpServer } from '../../src/index.ts'
import { asyncDispose } from '../../src/options/async-dispose.ts'

const source = readFileSync(new URL('../../src/options/async-dispose.ts', import.meta.url), 'utf8')

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
    `${transformSync(source, { loader: 'ts', format: 'cjs' }).code}
    ;[Symbol.asyncDispose, module.exports.asyncDispose]`,
    context,
  ) as [symbol | undefined, symbol]
  expect(found).toBe(own ?? Symbol.for('Symbol.asyncDispose'))
})
