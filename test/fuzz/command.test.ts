import fc from 'fast-check'
import { expect } from 'vitest'
import { parseCommand } from '../../src/protocol/command.ts'
import { holds } from './runs.ts'

const words = fc.string({ unit: 'binary' })

holds(
  'a command line is its code, the first space and its argument, which is not touched',
  fc.property(words, words, (code, argument) => {
    fc.pre(!code.includes(' '))
    expect(parseCommand(`${code} ${argument}`)).toEqual({ verb: code.toUpperCase(), argument })
    expect(parseCommand(code)).toEqual({ verb: code.toUpperCase(), argument: '' })
  }),
)
