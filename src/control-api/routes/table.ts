import type { Route } from '../route.ts'
import { clockRoutes } from './clock.ts'
import { documentRoute } from './document.ts'
import { fileRoutes } from './files.ts'
import { laneRoutes } from './lanes.ts'
import { scenarioRoutes } from './scenario.ts'
import { serverRoutes } from './server.ts'
import { sessionRoutes } from './sessions.ts'
import { transcriptRoutes } from './transcript.ts'

/** Everything the API can be asked for. */
export const routes: readonly Route[] = [
  ...serverRoutes,
  ...fileRoutes,
  ...scenarioRoutes,
  ...transcriptRoutes,
  ...clockRoutes,
  ...sessionRoutes,
  ...laneRoutes,
  documentRoute(() => routes),
]
