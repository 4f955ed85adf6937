/** A pathname made absolute and plain: no `.`, no `..` above the root, no doubled slash (RFC 3659 §6, TVFS). */
export function normalizePath(path: string, cwd = '/'): string {
  if (isPlain(path)) return path
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** The directory a path stands in; the root stands in itself. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** The last part of a path, '' for the root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A name within a directory. */
export function joinPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`
}

/** A path as 257 carries it: quoted, quotes within it doubled (RFC 959, appendix II). */
export function quotePath(path: string): string {
  return `"${path.replaceAll('"', '""')}"`
}

function isPlain(path: string): boolean {
  return (
    path.startsWith('/') && !path.includes('/.') && !path.includes('//') && (path.length === 1 || !path.endsWith('/'))
  )
}
