import { bindNextNames, type NextNames } from './getdents.ts'
import { isKnownLinux, LateCalls } from './late-calls.ts'
import { bindStatNames, type StatNames } from './statx.ts'

/** What the kernel says of directories, asked without the detours of node:fs. */
export interface DirectoryCalls {
  readonly nextNames: NextNames
  readonly statNames: StatNames
}

/** By then the time that it takes to load koffi would have been won back. */
const NAMES_BEFORE_LOADING = 10_000

const calls = new LateCalls<DirectoryCalls>(NAMES_BEFORE_LOADING, isKnownLinux, (koffi) => ({
  nextNames: bindNextNames(koffi),
  statNames: bindStatNames(koffi),
}))

/** Linux's calls; `undefined` on other systems, and where koffi is not installed. */
export function loadDirectoryCalls(): Promise<DirectoryCalls | undefined> {
  return calls.load()
}

/** The calls, if they are there; to load them begins when they would have been of use for many names. */
export function directoryCallsIfLoaded(names = 0): DirectoryCalls | undefined {
  return calls.ifLoaded(names)
}
