import { laneSuite } from './lane-suite'

laneSuite('one')
