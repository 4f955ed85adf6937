import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** A file as the model has it: known by itself, as a file system knows it, not by its name. */
export interface ModelFile {
  readonly kind: 'file'
  content: Buffer
  /** Known where MFMT has set it and nothing was written since. */
  modifiedMs?: number | undefined
  /** Permission bits, known where SITE CHMOD has set them. */
  mode?: number
}

export interface ModelDirectory {
  readonly kind: 'directory'
  readonly children: Map<string, ModelNode>
  mode?: number
}

export type ModelNode = ModelFile | ModelDirectory

const MAX_NAME_BYTES = 255

export const directory = (): ModelDirectory => ({ kind: 'directory', children: new Map() })
export const file = (content: Buffer): ModelFile => ({ kind: 'file', content })

/** A small file system, as POSIX has it. What changes something answers whether it could be done. */
export class ModelFiles {
  readonly root: ModelDirectory = directory()
  /** How often something was made, removed or renamed. */
  changes = 0

  find(at: string): ModelNode | undefined {
    let node: ModelNode | undefined = this.root
    for (const name of at.split('/').filter(Boolean)) {
      node = node?.kind === 'directory' ? node.children.get(name) : undefined
    }
    return node
  }

  directoryAt(at: string): ModelDirectory | undefined {
    const found = this.find(at)
    return found?.kind === 'directory' ? found : undefined
  }

  fileAt(at: string): ModelFile | undefined {
    const found = this.find(at)
    return found?.kind === 'file' ? found : undefined
  }

  /** The names in a directory, or that of a file, as listings have them. */
  namesAt(at: string): string[] | undefined {
    const found = this.find(at)
    if (found === undefined) return undefined
    return found.kind === 'file' ? [path.posix.basename(at)] : [...found.children.keys()].sort()
  }

  /** Whether there is a directory for it, and the name is longer than any can be. */
  isTooLong(at: string): boolean {
    const isLong = Buffer.byteLength(path.posix.basename(at)) > MAX_NAME_BYTES
    return isLong && this.directoryAt(path.posix.dirname(at)) !== undefined
  }

  put(at: string, node: ModelNode): boolean {
    const name = path.posix.basename(at)
    const parent = this.directoryAt(path.posix.dirname(at))
    if (at === '/' || parent === undefined || Buffer.byteLength(name) > MAX_NAME_BYTES) return false
    this.changes++
    parent.children.set(name, node)
    return true
  }

  makeDirectory(at: string): boolean {
    return this.find(at) === undefined && this.put(at, directory())
  }

  removeDirectory(at: string): boolean {
    const found = this.directoryAt(at)
    return found !== undefined && at !== '/' && found.children.size === 0 && this.#unlink(at)
  }

  removeFile(at: string): boolean {
    return this.fileAt(at) !== undefined && this.#unlink(at)
  }

  rename(from: string, to: string): boolean {
    const moved = this.find(from)
    const replaced = this.find(to)
    if (moved === undefined || to === '/') return false
    if (from === to) return true
    // A directory cannot be moved into itself, nor in place of what it is in.
    if (to.startsWith(`${from}/`) || from.startsWith(`${to}/`)) return false
    const fits =
      replaced === undefined ||
      (replaced.kind === moved.kind && (replaced.kind === 'file' || replaced.children.size === 0))
    return fits && this.put(to, moved) && this.#unlink(from)
  }

  /** Opens a file to write: the one that is there, or a new one. */
  open(at: string): ModelFile | undefined {
    const found = this.find(at)
    if (found !== undefined) return found.kind === 'file' ? found : undefined
    const made = file(Buffer.alloc(0))
    return this.put(at, made) ? made : undefined
  }

  /** Where a file is now. */
  pathOf(node: ModelNode, below: ModelDirectory = this.root, at = ''): string | undefined {
    for (const [name, child] of below.children) {
      if (child === node) return `${at}/${name}`
      const found = child.kind === 'directory' ? this.pathOf(node, child, `${at}/${name}`) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  /** In what a directory of the host differs from this. */
  differences(hostDirectory: string, below: ModelDirectory = this.root, at = ''): string[] {
    const real = readdirSync(hostDirectory).sort()
    const expected = [...below.children.keys()].sort()
    if (real.join('\0') !== expected.join('\0')) {
      return [`${at}/: ${JSON.stringify(real)} rather than ${JSON.stringify(expected)}`]
    }
    return [...below.children].flatMap(([name, node]) => {
      const host = path.join(hostDirectory, name)
      const wrong = difference(node, host)
      if (wrong !== undefined) return [`${at}/${name}: ${wrong}`]
      return node.kind === 'directory' ? this.differences(host, node, `${at}/${name}`) : []
    })
  }

  #unlink(at: string): boolean {
    this.changes++
    return this.directoryAt(path.posix.dirname(at))?.children.delete(path.posix.basename(at)) ?? false
  }
}

function difference(node: ModelNode, host: string): string | undefined {
  const stat = statSync(host)
  if (stat.isDirectory() !== (node.kind === 'directory')) return `should be a ${node.kind}`
  if (node.mode !== undefined && (stat.mode & 0o777) !== node.mode) return `mode ${stat.mode.toString(8)}`
  if (node.kind === 'directory') return undefined
  if (!readFileSync(host).equals(node.content))
    return `${stat.size} bytes, others than the ${node.content.length} of the model`
  if (node.modifiedMs !== undefined && stat.mtimeMs !== node.modifiedMs) return `modified at ${stat.mtimeMs}`
  return undefined
}
