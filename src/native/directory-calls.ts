import { bindNextNames, type NextNames } from './getdents.ts'
import { loadKoffi } from './koffi.ts'
import { bindStatNames, type StatNames } from './statx.ts'

/** What the kernel says of directories, asked without the detours of node:fs. */
export interface DirectoryCalls {
  readonly nextNames: NextNames
  readonly statNames: StatNames
}

/** By then the time that it takes to load koffi would have been won back. */
const NAMES_BEFORE_LOADING = 10_000

let asked = 0
let loading: Promise<DirectoryCalls | undefined> | undefined
let loaded: DirectoryCalls | undefined

/** Linux's calls; `undefined` on other systems, and where koffi is not installed. */
export function loadDirectoryCalls(): Promise<DirectoryCalls | undefined> {
  loading ??= load().then((calls) => {
    loaded = calls
    return calls
  })
  return loading
}

/** The calls, if they are there; to load them begins when they would have been of use for many names. */
export function directoryCallsIfLoaded(names = 0): DirectoryCalls | undefined {
  if (loaded === undefined) {
    asked += names
    if (asked >= NAMES_BEFORE_LOADING) void loadDirectoryCalls()
  }
  return loaded
}

async function load(): Promise<DirectoryCalls | undefined> {
  // Elsewhere the calls are not known to take their arguments as these do.
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return undefined
  const koffi = await loadKoffi()
  try {
    return koffi && { nextNames: bindNextNames(koffi), statNames: bindStatNames(koffi) }
  } catch {
    return undefined
  }
}
