import { caFile } from '../harness/ca-file.ts'
import { clientEnvironment } from '../harness/environment.ts'
import { type SharedServerPlan, startSharedServer } from '../harness/shared-server.ts'

/** Ends what the setup has started. jest calls setup and teardown in one process, and hands nothing from one to the other. */
let end: (() => Promise<void>) | undefined

/** Starts a server that is known by the environment, which jest's workers inherit. */
export async function startShared(plan: SharedServerPlan): Promise<void> {
  const { ftp, control, stop } = await startSharedServer(plan)
  const ca = ftp.ca === undefined ? undefined : await caFile(ftp.ca)
  const variables = clientEnvironment(ftp, control, ca?.path)
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  end = async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    await ca?.remove()
    await stop()
  }
}

/** Ends what was started, if anything was. */
export async function endShared(): Promise<void> {
  const ending = end
  end = undefined
  await ending?.()
}
