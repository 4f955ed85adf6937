import { createRequire } from 'node:module'
import type { Kit } from '../faults/fault.ts'

const require = createRequire(import.meta.url)

// Loaded when the first scenario is read, and at once, so that `use` needs no waiting for.

/** The schema library. */
export const schemaKit = (): Kit => (require('zod') as typeof import('zod')).z

/** The reader of YAML, and of JSON as part of it. */
export const yamlKit = (): typeof import('yaml') => require('yaml') as typeof import('yaml')

/** Globs. */
export const globKit = (): typeof import('picomatch') => require('picomatch') as typeof import('picomatch')
