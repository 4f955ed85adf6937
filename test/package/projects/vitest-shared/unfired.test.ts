import { laneTest } from 'ftp-fixture/vitest'

laneTest('nothing is deleted!', ({ ftp }) => {
  ftp.add({ when: { command: 'DELE' }, then: { reply: '550 No.' } })
})
