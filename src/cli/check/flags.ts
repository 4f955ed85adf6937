import type { FlagGroups } from '../flag.ts'
import { general } from '../flags.ts'

/** The options of `check`, by what they are about. */
export const checkFlagGroups: FlagGroups = { Other: general }
