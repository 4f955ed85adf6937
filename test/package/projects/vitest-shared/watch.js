import { startVitest } from 'vitest/node'

const vitest = await startVitest('test', ['whole'], { watch: true })
await vitest.rerunFiles()
const failed = vitest.state.getCountOfFailedTests()
await vitest.close()
process.exit(failed)
