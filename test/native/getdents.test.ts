import { expect, test } from 'vitest'
import { bindNextNames } from '../../src/native/getdents.ts'
import type { Koffi } from '../../src/native/koffi.ts'

/** A kernel that answers its calls one after the other with entries of these names; 0 bytes then. */
function kernelWith(...answers: (readonly string[])[]): Koffi {
  let memory: Buffer = Buffer.alloc(0)
  const answer = () => {
    let at = 0
    for (const name of answers.shift() ?? []) {
      const length = Math.ceil((19 + Buffer.byteLength(name) + 1) / 8) * 8
      memory.fill(0xff, at, at + length)
      memory.writeUInt16LE(length, at + 16)
      memory.write(`${name}\0`, at + 19)
      at += length
    }
    return at
  }
  const koffi = {
    address: (buffer: Buffer) => {
      memory = buffer
      return 0n
    },
    load: () => ({ func: () => answer }),
  }
  return koffi as unknown as Koffi
}

test('names come answer by answer, up to an empty one', () => {
  const nextNames = bindNextNames(kernelWith(['.', 'a', '..', 'ä 文'], ['b', '...']))
  expect([nextNames(3), nextNames(3), nextNames(3)]).toEqual([['a', 'ä 文'], ['b', '...'], []])
})

test('an answer of nothing but the directory and its parent is not the end', () => {
  const nextNames = bindNextNames(kernelWith(['.'], ['..'], ['a'], ['..', '.'], ['b']))
  expect([nextNames(3), nextNames(3), nextNames(3)]).toEqual([['a'], ['b'], []])
})
