import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { scenarioFile, scenarioNames } from '../../src/scenario/catalogue.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { cataloguePage, entryFrom, GROUPS, labelOf } from './catalogue-page.ts'

const page = fileURLToPath(new URL('../../scenarios/README.md', import.meta.url))
const names = scenarioNames()
const textOf = (name: string) => readFileSync(scenarioFile(name), 'utf8')

describe.each(names)('%s', (name) => {
  const { description, sources, ...entry } = entryFrom(textOf(name))

  test('is called as its file is, and says what schema it has', () => {
    expect(entry.name).toBe(name)
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(textOf(name)).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/)
  })

  test('says in up to three sentences what a client meets, and where that was seen', () => {
    expect(description).toMatch(/^[A-Z`].+\.\s*$/s)
    expect(description.match(/\.(\s|$)/g)?.length).toBeLessThanOrEqual(3)
    expect(sources.length).toBeGreaterThan(0)
    for (const source of sources) expect(labelOf(source)).toMatch(/^[\w.-]+\/[\w.-]+#\d+$|^curl test \d+$|^RFC \d+/)
  })

  test('can be played, over the files that all of them have', () => {
    const { files } = loadScenario(name)
    const paths = Object.keys(Object.assign({}, ...files))
    expect(paths).toEqual(expect.arrayContaining(['/pub/file.bin', '/incoming/']))
  })
})

test('each is in one group of the catalogue', () => {
  expect(Object.values(GROUPS).flat().sort()).toEqual(names)
})

test('the catalogue is up to date: `npm run catalogue` writes it', async () => {
  const entries = new Map(names.map((name) => [name, entryFrom(textOf(name))]))
  await expect(cataloguePage(entries)).toMatchFileSnapshot(page)
})
