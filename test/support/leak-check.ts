import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect } from 'vitest'

const TURNS = 2000

let before: Resources

interface Resources {
  readonly sockets: number
  readonly directories: number
}

function resources(): Resources {
  const sockets = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length
  const directories = readdirSync(tmpdir()).filter((name) => name.startsWith(`ftp-fixture-${process.pid}-`)).length
  return { sockets, directories }
}

beforeEach(() => {
  before = resources()
})

// A socket that was closed takes some turns of the event loop to be gone.
afterEach(async () => {
  for (let turn = 0; turn < TURNS && resources().sockets > before.sockets; turn++) await new Promise(setImmediate)
  expect(resources(), 'sockets or temp directories were left behind').toEqual(before)
})
