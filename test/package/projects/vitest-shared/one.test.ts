import { laneSuite } from './lane-suite.ts'

laneSuite('one')
