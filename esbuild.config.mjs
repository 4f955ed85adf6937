// The build: tsc writes declarations, esbuild the code. All code is CommonJS, in a handful of bundles in dist-cjs/chunks/
// that load each other when something of them is first used; the ES modules in dist/ hand out what is in them. So a class
// is the same one from every entry point and in both formats, and what nobody uses costs nobody time.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = path.dirname(fileURLToPath(import.meta.url))
const [src, esm, cjs] = ['src', 'dist', 'dist-cjs'].map((name) => path.join(root, name))

/** What package.json names. */
const ENTRIES = [
  ...['index', 'server', 'scenario', 'matchers', 'vitest/global-setup'],
  ...['jest/index', 'jest/global-setup', 'jest/global-teardown', 'jest/environment'],
]

/** Those whose clock takes the timers as they are when it is loaded, and not as a test has faked them since. */
const SERVING = ['index', 'server']

/** What is started by its path, by modules in bundles: it stands beside these. */
const STARTED = ['harness/server-thread', 'cli/worker-parts']

/** Code that cannot do without import() or await, or that imports vitest, which is an ES module: what goes into each. */
const MODULES = {
  'cli/main': /^cli\/main$/,
  'servers/worker-main': /^servers\/(worker-main|server-parts)$/,
  'vitest/index': /^vitest\//,
}

/** What stands in files of its own, and in no bundle. */
const PROGRAMS = [...ENTRIES, ...STARTED, ...Object.keys(MODULES)]

/** Which bundle a module goes into: the first that takes it. */
const BUNDLES = [
  ['tls', /^(handlers\/(tls-(?!options)|handshake-limit)|certificates\/)/],
  ['system', /^authorizers\/(system|unix|windows)/],
  [
    'workers',
    /^servers\/(guest|lost|multi|portable|prefork|relay|server-parts|session-[ptw]|spawning|superior|threaded|worker)/,
  ],
  // What most tests do without: whatever uses one of these has all of them loaded.
  [
    'seldom',
    /^(servers\/(leases|session-colours|event-log)|commands\/fact-lister|protocol\/ascii|fixture\/(scenario-files|lane|lane-scenario|lane-part|evidence|(marked-)?dialogue))$/,
  ],
  [
    'seldom',
    /^handlers\/(event-text|sendfile-sender|stages|alternating-sender|throttle|(deferred|active)-connection|overlap|raw-arrival|encrypt)$/,
  ],
  [
    'seldom',
    /^(native\/(statx|getdents|thread-credentials|sendfile)|ioloop\/(raw-connection|connector|connection-queue))$/,
  ],
  ['core', /^(options|native|protocol|ioloop|filesystems|authorizers|commands|handlers|servers)\//],
  ['scenario', /^(scenario|faults)\//],
  // What the index exports is looked at when that is imported; it loads the rest when it is called.
  ['fixture', /^(fixture\/|control-api\/(start|client\/connect)$)/],
  ['client', /^control-api\/client\//],
  ['control-api', /^control-api\//],
  ['matchers', /^matchers\//],
  ['harness', /^(harness|jest)\//],
  ['cli', /^cli\//],
]

const BUNDLE = 'chunks/bundle-'
const LOADER = 'chunks/load-bundle.js'

/** What is there in any case, or costs next to nothing. All else is loaded when it is first used. */
const AT_ONCE = ['events', 'fs', 'module', 'net', 'os', 'path', 'url', 'util'].map((name) => `node:${name}`)

const nameOf = (file) => path.relative(src, file).split(path.sep).join('/').replace(/\.ts$/, '')
const bundleOf = (name) => BUNDLES.find(([, members]) => members.test(name))?.[0]
const isBundled = (name) => bundleOf(name) !== undefined && !PROGRAMS.includes(name)
const fieldOf = (name) => name.replaceAll(/\W/g, '_')
const placeOf = (name) => (/^(harness|servers|cli\/worker)/.test(name) ? `chunks/${path.basename(name)}` : name)
const upFrom = (name) => '../'.repeat(name.split('/').length)

/** Leaves out what is not a member of a bundle: such a module is the field of another bundle, `name#field`. */
const elsewhere = (isMember) => ({
  name: 'elsewhere',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ path: target, resolveDir, kind }) => {
      const name = nameOf(path.resolve(resolveDir, target))
      if (kind !== 'dynamic-import' && isMember(name)) return undefined
      if (!isBundled(name)) throw new Error(`src/${name}.ts is in no bundle, so that no other can load it`)
      return { path: `${bundleOf(name)}#${fieldOf(name)}`, external: true, sideEffects: false }
    }),
})

async function bundled(input, isMember, options) {
  const settings = {
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
  }
  const result = await build({ ...settings, ...input, ...options, outfile: 'out.js', plugins: [elsewhere(isMember)] })
  return { text: result.outputFiles[0].text, exports: Object.values(result.metafile.outputs)[0].exports }
}

/** Writes a file of CommonJS. */
async function writeCommonJs(place, input, isMember) {
  const { text } = await bundled(input, isMember, {
    format: 'cjs',
    // jest runs CommonJS in a context that has no import().
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'moduleUrl' },
  })
  const url = "const moduleUrl = require('node:url').pathToFileURL(__filename).href;\n"
  const code = (text.includes('moduleUrl') ? url : '') + deferred(renamed(text)).replace('"use strict";\n', '')
  write(cjs, place, place.startsWith(BUNDLE) ? asBundle(code) : asEntry(code, place))
}

/** A file that is loaded once for each load of the package, by the function that it is given. */
function asBundle(code) {
  // In parentheses, so that it is compiled once: what is in a function is gone through twice otherwise.
  return `"use strict";\nmodule.exports = (function (loadBundle) {\nconst module = {};\n${code}\nreturn module.exports;\n});\n`
}

function asEntry(code, place) {
  const early = SERVING.includes(place) ? 'loadBundle("core");\n' : ''
  return `"use strict";\nconst loadBundle = require("${`./${upFrom(place).slice(3)}`}${LOADER}");\n${early}${code}`
}

/** Gives classes their names back: esbuild calls one that names itself `_Name`, where it bundles. */
function renamed(text) {
  const names = [...text.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name)
  return names.reduce((code, name) => code.replace(new RegExp(`\\b_${name}\\b`, 'g'), name), text)
}

/** Has what a file requires loaded when it is first used: `import_x.name` becomes `import_x().name`. */
function deferred(text) {
  const [late, defaults] = [new Set(), new Set()]
  const code = text
    .replace(/^var (import_\w+) = (.*require\("(.*)"\).*);$/gm, (line, name, loading, target) => {
      // As an ES module it would be copied, property by property.
      if (AT_ONCE.includes(target)) {
        if (!loading.startsWith('__toESM')) return line
        defaults.add(name)
        return `var ${name} = { default: require("${target}") };`
      }
      late.add(name)
      return `var ${name}_, ${name} = () => ${name}_ ??= ${loading};`
    })
    .replace(/\bnew (import_\w+)\.([\w.]+)/g, (use, name, made) => (late.has(name) ? `new (${name}().${made})` : use))
    .replace(/\b(import_\w+)\./g, (use, name) => (late.has(name) ? `${name}().` : use))
    .replace(/require\("([^"]*)#(\w+)"\)/g, (_all, bundle, field) => `loadBundle("${bundle}").${field}`)
  for (const [, made, name, use] of code.matchAll(/\b(new )?(import_\w+)\b(?=(.{0,12}))/g)) {
    const isLate = late.has(name)
    const known = isLate ? /^(\(\)\.| = \(\) => )/ : /^(\.default\b| = \{ default)/
    if ((isLate && made !== undefined) || ((isLate || defaults.has(name)) && !known.test(use))) fail(`${name}${use}`)
  }
  return withoutMarks(code)
}

/** Code in which everything that is elsewhere has been found. */
function withoutMarks(code) {
  const [mark] = /^.*(\bfrom |\brequire\(|\bimport ?\(?)"\w+#\w+".*$/m.exec(code) ?? []
  return mark === undefined ? code : fail(mark)
}

function fail(text) {
  throw new Error(`esbuild wrote what the build does not know how to change: ${text}`)
}

/** Writes an ES module with code of its own. */
async function writeModule(name, members) {
  const place = placeOf(name)
  const input = { entryPoints: [path.join(src, `${name}.ts`)] }
  const { text } = await bundled(input, (file) => members.test(file), { format: 'esm' })
  const code = renamed(text).replace(/^import \{([^}]*)\} from "([^"]*)#(\w+)";$/gm, (_all, names, bundle, field) => {
    return `const {${names.replaceAll(' as ', ': ')}} = loadBundle("${bundle}").${field};`
  })
  const [hashbang] = /^(#!.*\n)?/.exec(code)
  const loader = `import loadBundle from "${upFrom(place)}dist-cjs/${LOADER}";\n`
  write(esm, place, `${hashbang}${loader}${withoutMarks(code).slice(hashbang.length)}`)
}

/** Writes an ES module that hands out what a file of CommonJS exports. */
function writeFacade(place, exports) {
  const names = exports.filter((name) => name !== 'default').sort()
  const lines = [`import exported from '${upFrom(place)}dist-cjs/${place}.js'`]
  if (names.length > 0) lines.push(`export const {\n  ${names.join(',\n  ')},\n} = exported`)
  if (exports.includes('default')) lines.push('export default exported.default')
  write(esm, place, `${lines.join('\n')}\n`)
}

function write(directory, place, text) {
  const file = path.join(directory, `${place}.js`)
  mkdirSync(path.dirname(file), { recursive: true })
  // One character beyond ASCII, and reading and compiling all others takes longer.
  writeFileSync(
    file,
    text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}

/** A value as it is written in code. */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (value instanceof RegExp || typeof value === 'number') return String(value)
  if (Buffer.isBuffer(value)) return `Buffer.from('${value.toString('base64')}', 'base64')`
  if (value === undefined || value === null || ['string', 'boolean'].includes(typeof value)) {
    return String(JSON.stringify(value))
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error(`cannot be written as code: ${value}`)
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${literal(inner)}`)
    .join(', ')} }`
}

for (const directory of [esm, cjs]) rmSync(directory, { recursive: true, force: true })
const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
const tsc = [path.join(typescript, 'bin', 'tsc'), '--project', root, '--emitDeclarationOnly']
if (spawnSync(process.execPath, tsc, { stdio: 'inherit' }).status !== 0) process.exit(1)
cpSync(esm, cjs, { recursive: true, filter: (file) => file !== path.join(esm, 'cli') })
writeFileSync(path.join(cjs, 'package.json'), '{ "type": "commonjs" }\n')

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const names = files.map((file) => nameOf(path.join(src, file)))
for (const bundle of new Set(BUNDLES.map(([name]) => name))) {
  const members = names.filter((name) => bundleOf(name) === bundle && isBundled(name))
  const contents = members.map((name) => `export * as ${fieldOf(name)} from './${name}.ts'`).join('\n')
  const input = { stdin: { contents, resolveDir: src, loader: 'ts', sourcefile: `${bundle}.ts` } }
  await writeCommonJs(BUNDLE + bundle, input, (name) => bundleOf(name) === bundle)
}
for (const name of [...ENTRIES, ...STARTED, 'vitest/index']) {
  const members = MODULES[name]
  const isMember = (file) => file === name || members?.test(file) === true
  const input = { entryPoints: [path.join(src, `${name}.ts`)] }
  await writeCommonJs(placeOf(name), input, isMember)
  if (ENTRIES.includes(name)) writeFacade(name, (await bundled(input, isMember, { format: 'esm' })).exports)
}
// Where a runner of tests forgets what it has loaded, as jest.resetModules() does, what has been loaded before goes on with
// bundles of its own. And Node looks through a file that an ES module imports for what it exports: this one is short.
const loader = `const loaded = {};
module.exports = function loadBundle(name) {
  return (loaded[name] ??= require("./bundle-" + name + ".js")(loadBundle));
};
`
writeFileSync(path.join(cjs, LOADER), loader)
for (const [name, members] of Object.entries(MODULES)) await writeModule(name, members)

// What is built in has been read and checked already.
const { scenario_catalogue, scenario_load } = createRequire(import.meta.url)(path.join(cjs, LOADER))('scenario')
const builtIn = scenario_catalogue.scenarioNames().map((name) => scenario_load.readScenario(name))
const entries = builtIn.map(({ place: _place, ...scenario }) => `  '${scenario.name}': () => (${literal(scenario)}),`)
write(cjs, 'chunks/built-in', `module.exports = {\n${entries.join('\n')}\n}\n`)
chmodSync(path.join(esm, 'cli', 'main.js'), 0o755)
