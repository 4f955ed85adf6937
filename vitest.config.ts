import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/package/projects/**'],
    setupFiles: ['test/support/leak-check.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    testTimeout: 30_000,
    coverage: { include: ['src/**/*.ts'], reporter: ['text', 'html', 'json'] },
  },
})
