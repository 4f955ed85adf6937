// `npm run bench`: makes JavaScript of the driver and of the programs it starts, outside the repository, and runs it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const sources = path.dirname(fileURLToPath(import.meta.url))
// When it runs itself once more, in namespaces of its own, what is made already is there.
const given = process.env.FTP_BENCH_COMPILED
const compiled = given ?? (await compile())
const { main } = await import(pathToFileURL(path.join(compiled, 'main.mjs')).href)
process.exitCode = await main(process.argv.slice(2), { sources, compiled })

async function compile() {
  const directory = mkdtempSync(path.join(tmpdir(), 'ftp-bench-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  await build({
    entryPoints: ['main', 'servers/ours', 'cold/ours', 'cold/ftp-srv', 'cold/node'].map((name) =>
      path.join(sources, `${name}.ts`),
    ),
    outdir: directory,
    outbase: sources,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  })
  return directory
}
