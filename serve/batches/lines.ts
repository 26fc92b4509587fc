/** Where a line lies in a file. */
export interface Place {
  offset: number
  length: number
}

export interface FileLine extends Place {
  /** From 1, as people count. */
  number: number
  /** Without the line's end; null where it is longer than it may be, and is not held in memory. */
  bytes: Buffer | null
}

const newline = 0x0a
const carriageReturn = 0x0d
const mark = Buffer.from('\ufeff')

/** Lines of a file as it is read; those with nothing but blanks are left out. */
export async function* linesOf(source: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<FileLine> {
  let pieces: Uint8Array[] = []
  let [offset, length, number] = [0, 0, 0]
  const add = (piece: Uint8Array) => {
    length += piece.length
    if (length <= most) pieces.push(piece)
    else pieces = []
  }
  const end = (): FileLine => {
    const whole = length <= most ? Buffer.concat(pieces) : null
    const line = trimmed({ offset, length, number: ++number, bytes: whole })
    pieces = []
    offset += length
    length = 0
    return line
  }
  for await (const chunk of source) {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      add(chunk.subarray(from, at))
      const line = end()
      offset++
      if (!blank(line)) yield line
      from = at + 1
    }
    if (from < chunk.length) add(Uint8Array.prototype.slice.call(chunk, from))
  }
  if (length === 0) return
  const last = end()
  if (!blank(last)) yield last
}

/** Without a byte order mark before the first line, and without the carriage returns of Windows. */
function trimmed(line: FileLine): FileLine {
  const { bytes, number } = line
  if (bytes === null) return line
  const start = number === 1 && bytes.subarray(0, 3).equals(mark) ? 3 : 0
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length
  return { number, offset: line.offset + start, length: end - start, bytes: bytes.subarray(start, end) }
}

const blank = ({ bytes }: FileLine): boolean => bytes !== null && /^\s*$/.test(bytes.toString('latin1'))
