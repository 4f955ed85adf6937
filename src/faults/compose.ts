import type { ConnectPlan, Seams } from '../handlers/seams.ts'

type Command = NonNullable<Seams['command']>

/** Several seams as one, each around those behind it. */
export function compose(seams: readonly Seams[]): Seams {
  const [first, ...others] = seams
  if (first === undefined) return {}
  return others.length === 0 ? first : pair(first, compose(others))
}

function pair(outer: Seams, inner: Seams): Seams {
  const { before, command, reply, write, listening, connecting, opened, securing, context, secured, data, ending } =
    outer
  const seams = {
    before: joined(before, inner.before, inTurn),
    command: joined(command, inner.command, around),
    reply: joined(reply, inner.reply, (a, b) => (outgoing, send) => a(outgoing, (changed) => b(changed, send))),
    write: joined(write, inner.write, (a, b) => (bytes, push) => a(bytes, (part) => b(part, push))),
    listening: joined(listening, inner.listening, (a, b) => async (listener) => {
      const told = await a(listener)
      return (await b(listener)) ?? told
    }),
    connecting: joined(connecting, inner.connecting, (a, b) => () => planned(a(), b())),
    opened: joined(opened, inner.opened, inTurn),
    securing: joined(securing, inner.securing, inTurn),
    context: joined(
      context,
      inner.context,
      (a, b) =>
        (...about) =>
          a(...about) ?? b(...about),
    ),
    secured: joined(secured, inner.secured, inTurn),
    data: joined(data, inner.data, (a, b) => (flow) => [...a(flow), ...b(flow)]),
    ending: joined(ending, inner.ending, (a, b) => async (flow) => {
      const isEnded = await a(flow)
      return (await b(flow)) === true || isEnded === true
    }),
  } satisfies { readonly [K in keyof Required<Seams>]: Seams[K] | undefined }
  return Object.fromEntries(Object.entries(seams).filter(([, seam]) => seam !== undefined))
}

/** What is done in place of the command comes in its turn: what is written behind it is done after it. */
function around(outer: Command, inner: Command): Command {
  return async (obey) => {
    let isDone = false
    const outcome = await outer(() => {
      isDone = true
      return inner(obey)
    })
    if (!isDone) await inner(() => undefined)
    return outcome
  }
}

/** Both are waited for. */
function planned(outer: ConnectPlan, inner: ConnectPlan): ConnectPlan {
  const [first, second] = [outer.after, inner.after]
  const after = first && second ? Promise.all([first, second]).then(() => {}) : (first ?? second)
  return { ...inner, ...outer, ...(after && { after }) }
}

function joined<F>(outer: F | undefined, inner: F | undefined, join: (outer: F, inner: F) => F): F | undefined {
  return outer === undefined || inner === undefined ? (outer ?? inner) : join(outer, inner)
}

function inTurn<A extends readonly unknown[]>(
  first: (...about: A) => Promise<void> | void,
  second: (...about: A) => Promise<void> | void,
): (...about: A) => Promise<void> {
  return async (...about) => {
    await first(...about)
    await second(...about)
  }
}
