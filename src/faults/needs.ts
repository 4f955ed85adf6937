import type { RecognizedCommand } from '../handlers/dispatch.ts'
import type { Session } from '../handlers/session.ts'
import type { Need } from './fault.ts'

/** Whether a command is what is needed, in a session whose data connections are encrypted or not. */
type Condition = (command: RecognizedCommand, isProtected: boolean) => boolean

const isPassive: Condition = ({ verb }) => verb === 'PASV' || verb === 'EPSV'
const isActive: Condition = ({ verb }) => verb === 'PORT' || verb === 'EPRT'
const isSetUp: Condition = (command, isProtected) => isPassive(command, isProtected) || isActive(command, isProtected)
const securesData: Condition = (command, isProtected) => isProtected && isSetUp(command, isProtected)
const securesControl: Condition = ({ verb }) => verb === 'AUTH'

const conditions: Readonly<Record<Need, Condition>> = {
  'set-up': isSetUp,
  passive: isPassive,
  active: isActive,
  handshake: (command, isProtected) => securesControl(command, isProtected) || securesData(command, isProtected),
  'control-handshake': securesControl,
  'data-handshake': securesData,
  transfer: ({ spec }) => spec?.transfers === true,
  download: ({ spec }) => spec?.transfers === true && !writes(spec.perm),
  upload: ({ spec }) => spec?.transfers === true && writes(spec.perm),
  files: ({ spec }) => spec?.perm !== undefined,
  size: ({ verb }) => verb === 'SIZE',
}

/** Whether a command, or with none a client's connecting, is what a fault needs. */
export function suits(need: Need, command: RecognizedCommand | undefined, session: Session): boolean {
  if (command !== undefined) return conditions[need](command, session.protection === 'P')
  return (need === 'handshake' || need === 'control-handshake') && session.options.implicitTls
}

/** Whether a fault with this need can ever be done to a command. */
export function maySuit(need: Need, command: RecognizedCommand): boolean {
  return conditions[need](command, true)
}

/** Whether a permission is one for uploads. */
function writes(perm = ''): boolean {
  return perm === 'w' || perm === 'a'
}
