import { globKit } from './kit.ts'

/** Why a text is no glob; `undefined` for one that is. */
export function flawOf(glob: string): string | undefined {
  try {
    globKit().makeRe(glob, { strictBrackets: true })
    return undefined
  } catch (error) {
    return glob === '' ? 'it is empty' : (error as Error).message.toLowerCase().replace(/ - .*/, '')
  }
}
