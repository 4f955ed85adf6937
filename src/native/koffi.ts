import { createRequire } from 'node:module'

/** What the optional package gives. */
export type Koffi = typeof import('koffi')['default']

let loading: Promise<Koffi | undefined> | undefined

/**
 * The optional package that calls into the system's own libraries, loaded when first asked for. `undefined` where it is
 * not installed or has nothing for this platform: whoever asks must have another way, or say clearly that he has not.
 */
export function loadKoffi(): Promise<Koffi | undefined> {
  loading ??= import('koffi').then(
    (module) => module.default,
    () => undefined,
  )
  return loading
}

/** Whether the package is installed, without loading it; it may yet have nothing for this platform. */
export function isKoffiInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('koffi')
    return true
  } catch {
    return false
  }
}
