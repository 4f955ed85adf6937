import { describe } from 'vitest'
import { isolationSuite, wireSuite } from '../support/worker-suite.ts'

describe('on the wire', () => wireSuite('MultiprocessFTPServer'))

describe('apart from each other', () => isolationSuite('MultiprocessFTPServer'))
