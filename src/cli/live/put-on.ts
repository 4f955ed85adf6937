import type { FtpFixture } from '../../fixture/ftp-fixture.ts'
import { FtpFixtureError } from '../../options/error.ts'
import { loadScenario } from '../../scenario/load.ts'
import { misbehaviour } from '../introduction.ts'
import { shellQuoted } from '../terminal.ts'
import { NO_SCENARIO } from './scenario-prompt.ts'

/** Puts on what somebody chose in place of the scenario before; gives what to tell him. Where it fails, nothing has changed. */
export function putOn(ftp: FtpFixture, chosen: string): string {
  if (chosen === NO_SCENARIO) return endScenario(ftp)
  const { name, options } = loadScenario(chosen)
  const { certfile, sslContext } = ftp.server.options
  if (options.tls === true && certfile === undefined && sslContext === undefined) {
    const command = `ftp-fixture --scenario ${shellQuoted(chosen)}`
    const message = `${name} needs TLS, which this server was started without; start another one with it:  ${command}`
    throw new FtpFixtureError('ERR_SCENARIO_UNFIT', message)
  }
  ftp.use(chosen)
  return misbehaviour(chosen)
}

/** Ends the scenario; gives what to tell. */
export function endScenario(ftp: FtpFixture): string {
  const { scenario } = ftp
  ftp.reset()
  return scenario === undefined ? 'No scenario is in use' : `Behaves: ${scenario} is over`
}
