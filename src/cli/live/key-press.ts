import type { Key } from 'node:readline'

/** A key that somebody pressed. */
export interface KeyPress {
  /** 'up', 'return', 'ctrl-c', 'q' … */
  readonly name: string
  /** What it writes; '' for one that writes nothing. */
  readonly text: string
}

/** What does not show, or moves what shows: it has no place in what is typed. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** The key press that `readline` tells of. */
export function keyPress(text: string | undefined, { name, sequence, ctrl, meta }: Key): KeyPress {
  const modifier = `${ctrl === true ? 'ctrl-' : ''}${meta === true && name !== 'escape' ? 'meta-' : ''}`
  const writes = modifier === '' && text !== undefined && !UNSEEN.test(text)
  return { name: `${modifier}${name ?? text ?? sequence ?? ''}`, text: writes ? text : '' }
}
