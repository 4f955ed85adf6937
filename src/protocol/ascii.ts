const LF = 0x0a
const CR = 0x0d

/** Turns host text chunks into network text (RFC 959 §3.1.1.1): LF becomes CRLF, a CRLF that is there already stays. */
export class ToNetworkAscii {
  #lastWasCR = false

  convert(chunk: Buffer): Buffer {
    const ends = countBareLF(chunk, this.#lastWasCR)
    const precededByCR = this.#lastWasCR
    if (chunk.length > 0) this.#lastWasCR = chunk[chunk.length - 1] === CR
    if (ends === 0) return chunk
    const converted = Buffer.allocUnsafe(chunk.length + ends)
    let to = 0
    let from = 0
    for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) {
      if (at === 0 ? precededByCR : chunk[at - 1] === CR) continue
      to += chunk.copy(converted, to, from, at)
      converted[to++] = CR
      from = at
    }
    chunk.copy(converted, to, from)
    return converted
  }
}

/** Turns network text chunks into host text with LF line ends: CRLF becomes LF, also when it is cut in two; a bare CR stays. */
export class FromNetworkAscii {
  #heldCR = false

  convert(chunk: Buffer): Buffer {
    if (chunk.length === 0) return chunk
    const source = this.#heldCR ? Buffer.concat([Buffer.from([CR]), chunk]) : chunk
    this.#heldCR = source[source.length - 1] === CR
    const end = this.#heldCR ? source.length - 1 : source.length
    const converted = Buffer.allocUnsafe(end)
    let to = 0
    let from = 0
    for (let at = source.indexOf(CR); at !== -1 && at < end; at = source.indexOf(CR, at + 1)) {
      if (source[at + 1] !== LF) continue
      to += source.copy(converted, to, from, at)
      from = at + 1
    }
    to += source.copy(converted, to, from, end)
    return converted.subarray(0, to)
  }

  /** What was held back when the text ends: a CR that nothing followed. */
  flush(): Buffer {
    const held = Buffer.from(this.#heldCR ? [CR] : [])
    this.#heldCR = false
    return held
  }
}

function countBareLF(chunk: Buffer, precededByCR: boolean): number {
  let count = 0
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) {
    if (!(at === 0 ? precededByCR : chunk[at - 1] === CR)) count++
  }
  return count
}
