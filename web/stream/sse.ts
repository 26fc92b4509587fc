/** One server-sent event; `event` is empty where the server named none. */
export interface ServerEvent {
  event: string
  data: string
  /** Empty where the server numbered none. */
  id: string
}

/** The longest line and the longest event that are held before the stream is given up, in characters. */
const longestHeld = 4_000_000

export class StreamTooLong extends Error {
  constructor() {
    super(`An event of the stream is longer than ${longestHeld} characters.`)
    this.name = 'StreamTooLong'
  }
}

/**
 * Reads server-sent events (WHATWG HTML, section 9.2.6) from bytes that may be split anywhere, also inside a UTF-8
 * character or between CR and LF. An event that the stream's end leaves without its blank line is discarded.
 */
export class SseParser {
  #decoder = new TextDecoder()
  #line = ''
  #afterReturn = false
  #event = ''
  #id = ''
  #data: string[] = []
  #held = 0

  push(bytes: Uint8Array): ServerEvent[] {
    const text = this.#decoder.decode(bytes, { stream: true })
    const events: ServerEvent[] = []
    let start = 0
    if (this.#afterReturn && text.length > 0) {
      this.#afterReturn = false
      if (text[0] === '\n') start = 1
    }
    for (let at = start; at < text.length; at++) {
      const character = text[at]
      if (character !== '\n' && character !== '\r') continue
      this.#take(this.#line + text.slice(start, at), events)
      this.#line = ''
      if (character === '\r') {
        if (text[at + 1] === '\n') at++
        else if (at + 1 === text.length) this.#afterReturn = true
      }
      start = at + 1
    }
    this.#line += text.slice(start)
    if (this.#line.length + this.#held > longestHeld) throw new StreamTooLong()
    return events
  }

  #take(line: string, events: ServerEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) events.push({ event: this.#event, data: this.#data.join('\n'), id: this.#id })
      this.#event = ''
      this.#data = []
      this.#held = 0
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') this.#event = value
    if (field === 'id') this.#id = value
    if (field !== 'data') return
    this.#data.push(value)
    this.#held += value.length
  }
}
