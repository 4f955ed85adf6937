import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { provide: { ftpOptions: { files: 'basic' } } },
})
