import type { Row, Run, Scale, Unit } from './row.ts'

type Given = Partial<Omit<Run, 'id' | 'client'>> & Partial<Pick<Row, 'isBulk' | 'isParallel'>>

function row(
  name: string,
  about: string,
  unit: Unit,
  figure: string,
  client: readonly string[],
  given: Given = {},
): Row {
  const { isBulk = false, isParallel = false, way = 'load', variant = 'plain', threads = 1, needs = 'serve' } = given
  return { name, about, unit, figure, isBulk, isParallel, run: { id: name, way, variant, client, threads, needs } }
}

/** Another figure of the run of a row. */
function also(first: Row, name: string, about: string, unit: Unit, figure: string): Row {
  return { ...first, name, about, unit, figure }
}

/** All rows, in the order of the table. */
export function allRows(scale: Scale): readonly Row[] {
  return [...commandRows(scale), ...smallRows(scale), ...bulkRows(scale), ...tlsRows(scale), ...otherRows(scale)]
}

function commandRows({ secs }: Scale): Row[] {
  const t = ['-t', String(secs)]
  const many = { threads: 50, isParallel: true }
  return [
    row('sessions-c1', 'connect, log in, quit; one at a time', '/s', 'rate', [...t, 'sessions']),
    row('sessions-c50', 'the same, 50 at once', '/s', 'rate', [...t, '-c', '50', 'sessions'], many),
    row('noop-c1', 'NOOP and its reply, one connection', '/s', 'rate', [...t, 'cmd']),
    row('noop-c50', 'the same on 50 connections', '/s', 'rate', [...t, '-c', '50', 'cmd'], { isParallel: true }),
    row('noop-c50-pipe8', '50 connections, 8 commands under way on each', '/s', 'rate', [...t, '-c50', '-d8', 'cmd'], {
      isParallel: true,
    }),
  ]
}

function smallRows({ secs }: Scale): Row[] {
  const down = ['-t', String(secs), '-f', 'small.bin', 'small']
  const up = ['-t', String(secs), '-f', 'up/s', 'smallstor']
  const many = { threads: 20, isParallel: true }
  return [
    row('retr1k-c1', 'PASV and a download of 1 KiB, over and over', '/s', 'rate', down),
    row('retr1k-c20', 'the same, 20 clients at once', '/s', 'rate', ['-c20', ...down], many),
    row('stor1k-c1', 'PASV and an upload of 1 KiB, over and over', '/s', 'rate', up),
    row('stor1k-c20', 'the same, 20 clients at once', '/s', 'rate', ['-c20', ...up], many),
  ]
}

/** An upload writes an eighth of the size, again and again: see storage.ts. */
function eighth({ mb }: Scale): string {
  return String(mb * 2 ** 17)
}

function bulkRows(scale: Scale): Row[] {
  const t = ['-t', String(scale.secs)]
  const down = [...t, '-f', 'big.bin', 'retr']
  const up = [...t, '-f', 'up/b', '-s', eighth(scale), 'stor']
  const [one, four] = [{ isBulk: true }, { isBulk: true, isParallel: true, threads: 4 }]
  const list = (verb: string) => [...t, '-n', '5', '-f', 'listed', '-C', verb, 'list']
  const count = scale.files.toLocaleString('en')
  return [
    row('retr-c1', 'download of the big file', 'MB/s', 'mbps', down, one),
    row('retr-c1-discard', 'the same for a client that throws away what it gets', 'MB/s', 'mbps', ['-T', ...down], one),
    row('retr-c4', 'four downloads of it at once', 'MB/s', 'mbps', ['-c4', ...down], four),
    row('stor-c1', 'upload of as much', 'MB/s', 'mbps', ['-n8', ...up], one),
    row('stor-c4', 'four uploads at once', 'MB/s', 'mbps', ['-c4', '-n4', ...up], four),
    row('list-10k', `LIST of ${count} files`, 'ms', 'medianMs', list('LIST'), one),
    row('mlsd-10k', `MLSD of ${count} files`, 'ms', 'medianMs', list('MLSD'), { ...one, needs: 'mlsd' }),
  ]
}

function tlsRows(scale: Scale): Row[] {
  const tls = { variant: 'tls', needs: 'tls' } as const
  const t = ['-S', '-t', String(scale.secs)]
  const sessions = [...t, 'sessions']
  const down = [...t, '-f', 'big.bin', 'retr']
  const up = [...t, '-n8', '-f', 'up/b', '-s', eighth(scale), 'stor']
  return [
    row('tls-sessions-c1', 'connect, AUTH TLS, log in, quit', '/s', 'rate', sessions, tls),
    row('tls-sessions-c50', 'the same, 50 at once', '/s', 'rate', ['-c50', ...sessions], {
      ...tls,
      threads: 50,
      isParallel: true,
    }),
    row('tls-retr-c1', 'encrypted download of the big file', 'MB/s', 'mbps', down, { ...tls, isBulk: true }),
    row('tls-stor-c1', 'encrypted upload of as much', 'MB/s', 'mbps', up, { ...tls, isBulk: true }),
  ]
}

function otherRows({ secs, sessions }: Scale): Row[] {
  const wait = ['-n', String(sessions), 'idle']
  const pss = row(
    'idle-pss',
    `memory of each of ${sessions} idle sessions, shared pages split (PSS)`,
    'kB',
    'pss',
    wait,
    {
      way: 'idle',
    },
  )
  const pace = row('throttle-off', 'how far a download is off its rate of 10 MiB/s', '%', 'off', [], {
    variant: 'throttled',
    needs: 'throttle',
  })
  const paced = { ...pace, run: { ...pace.run, client: ['-t', String(2 * secs), '-f', 'big.bin', 'pace'] } }
  const cold = row('import', 'import of the package in a new process', 'ms', 'import', [], {
    way: 'cold',
    needs: 'cold',
  })
  return [
    pss,
    also(pss, 'idle-rss', 'the same, shared pages counted each time (RSS)', 'kB', 'rss'),
    paced,
    also(paced, 'throttle-gap', 'the longest time without a byte meanwhile', 'ms', 'gapMs'),
    cold,
    also(cold, 'start-cold', 'import, and the first server to ready', 'ms', 'cold'),
    also(cold, 'start-first', 'the first server of a process to ready, imported already', 'ms', 'first'),
    also(cold, 'start-next', 'a later server of a process to ready', 'ms', 'next'),
    also(cold, 'start-use-stop', 'start, one download of 1 KiB, stop', 'ms', 'use'),
  ]
}
