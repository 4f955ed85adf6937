import { defineConfig } from 'vitest/config'
import ordinary from './vitest.config.ts'

/** The tests that mutants of src/protocol, src/commands and src/scenario are to fail. */
export default defineConfig({
  test: {
    ...ordinary.test,
    include: ['test/{protocol,commands,scenario,scenarios}/**/*.test.ts'],
    // They compare what is written in the sources, which a mutant changes.
    exclude: ['test/scenario/json-schema.test.ts', 'test/scenarios/catalogue.test.ts'],
  },
})
