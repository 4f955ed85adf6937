// The build: tsc writes ES modules and declarations to dist/, esbuild makes CommonJS of them in dist-cjs/. File by file
// rather than as one bundle, so that a class is the same one from every entry point and what is loaded late stays so.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'

const root = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
const [esm, cjs] = [path.join(root, 'dist'), path.join(root, 'dist-cjs')]
const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'))

for (const directory of [esm, cjs]) rmSync(directory, { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [path.join(typescript, 'bin', 'tsc'), '--project', root], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(1)
chmodSync(path.join(esm, 'cli', 'main.js'), 0o755)

const built = readdirSync(esm, { recursive: true }).map(String)
await build({
  entryPoints: built
    .filter((file) => file.endsWith('.js') && !file.startsWith(`cli${path.sep}`))
    .map((file) => path.join(esm, file)),
  outdir: cjs,
  outbase: esm,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // jest runs CommonJS in a context that has no import().
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
})
for (const file of built.filter((file) => file.endsWith('.d.ts') && !file.startsWith(`cli${path.sep}`))) {
  copyFileSync(path.join(esm, file), path.join(cjs, file))
}
writeFileSync(path.join(cjs, 'package.json'), '{ "type": "commonjs" }\n')
