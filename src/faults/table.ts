import { accept } from './accept.ts'
import { announce } from './announce.ts'
import { append } from './append.ts'
import { blackHole } from './black-hole.ts'
import { body } from './body.ts'
import { cap } from './cap.ts'
import { certificate } from './certificate.ts'
import { closeNotify } from './close-notify.ts'
import { connect } from './connect.ts'
import { corrupt } from './corrupt.ts'
import { cut } from './cut.ts'
import { delay } from './delay.ts'
import { disconnect } from './disconnect.ts'
import { drip } from './drip.ts'
import { error } from './error.ts'
import { expire } from './expire.ts'
import { final } from './final.ts'
import { handshake } from './handshake.ts'
import { keepOpen } from './keep-open.ts'
import { latency } from './latency.ts'
import { logIn } from './log-in.ts'
import { permissions } from './permissions.ts'
import { preliminary } from './preliminary.ts'
import { refuse } from './refuse.ts'
import { reply } from './reply.ts'
import { requireResumption } from './require-resumption.ts'
import { rewrite } from './rewrite.ts'
import { run } from './run.ts'
import { say } from './say.ts'
import { size } from './size.ts'
import { slices } from './slices.ts'
import { split } from './split.ts'
import { stall } from './stall.ts'
import { throttle } from './throttle.ts'
import { truncate } from './truncate.ts'

/** Every fault, by the name that scenarios give it. */
export const faults = {
  accept,
  announce,
  append,
  blackHole,
  body,
  cap,
  certificate,
  closeNotify,
  connect,
  corrupt,
  cut,
  delay,
  disconnect,
  drip,
  error,
  expire,
  final,
  handshake,
  keepOpen,
  latency,
  logIn,
  permissions,
  preliminary,
  refuse,
  reply,
  requireResumption,
  rewrite,
  run,
  say,
  size,
  slices,
  split,
  stall,
  throttle,
  truncate,
} as const
