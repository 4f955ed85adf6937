import { laneSuite } from './lane-suite'

laneSuite('two')
