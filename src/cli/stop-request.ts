const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** For so long, further signals are the same wish: `timeout`, npm and a terminal may each send their own. */
const SAME_WISH_MS = 1000

/** Has the process live on when signals reach it: another one decides. */
export function ignoreSignals(): void {
  for (const signal of SIGNALS) process.on(signal, () => {})
}

/**
 * Resolves with the first signal, with why nobody reads the output any more, or with what `asked` does. When stopping
 * takes long, a further signal ends the process hard, and `tell` is called with a line that says so.
 */
export async function stopRequest(tell: (line: string) => void, asked?: Promise<string>): Promise<string> {
  const wish = await new Promise<string>((resolve) => {
    for (const stream of [process.stdout, process.stderr]) stream.on('error', ({ message }) => resolve(message))
    for (const signal of SIGNALS) process.on(signal, resolve)
    void asked?.then(resolve)
  })
  const lose = () => {
    for (const signal of SIGNALS) process.on(signal, () => process.exit(130))
    tell('Still stopping; another signal ends it hard\n')
  }
  setTimeout(lose, SAME_WISH_MS).unref()
  return wish
}
