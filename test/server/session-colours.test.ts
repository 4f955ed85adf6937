import { expect, test } from 'vitest'
import { SessionColours } from '../../src/servers/session-colours.ts'

test('a session keeps its colour, which no other open one has while there are enough', () => {
  const colours = new SessionColours()
  const numbers = [3, 6, 9, 12, 15]
  for (const session of numbers) colours.add(session)
  const given = numbers.map((session) => colours.of(session))
  expect(new Set(given).size).toBe(numbers.length)
  colours.add(18)
  expect(given).toContain(colours.of(18))
  expect(colours.of(18)).not.toBe(colours.of(15))
  colours.delete(9)
  colours.delete(18)
  colours.add(21)
  expect(colours.of(21)).toBe(given[2])
  expect(numbers.map((session) => colours.of(session))).toEqual(given.with(2, 'gray'))
})

test('those that come one after the other differ', () => {
  const colours = new SessionColours()
  let last: string = colours.of(0)
  for (let session = 1; session < 20; session++) {
    colours.add(session)
    expect(colours.of(session)).not.toBe(last)
    last = colours.of(session)
    colours.delete(session)
  }
})
