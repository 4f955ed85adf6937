import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: 'ftp-fixture/vitest/global-setup',
    setupFiles: ['ftp-fixture/vitest'],
  },
})
