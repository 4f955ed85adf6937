import { describe } from 'vitest'
import { isolationSuite, wireSuite } from '../support/worker-suite.ts'

describe('on the wire', () => wireSuite('ThreadedFTPServer'))

describe('apart from each other', () => isolationSuite('ThreadedFTPServer'))
