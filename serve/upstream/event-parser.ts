export interface ServerEvent {
  event: string
  data: string
}

/** An event is larger than anything a model says at once. */
export class EventTooLongError extends Error {
  override readonly name = 'EventTooLongError'
}

/**
 * Reads server-sent events (WHATWG HTML, 9.2) from bytes that may be cut anywhere: inside a character, between the two
 * halves of a line break, inside a field's name. An event without the empty line that ends it is none.
 */
export class EventParser {
  readonly #decoder = new TextDecoder()
  readonly #limit: number
  #line = ''
  /** The last piece ended with a carriage return: a line feed that follows belongs to it. */
  #returned = false
  #event = ''
  #data: string[] = []
  #size = 0

  /** `limit`: most characters of one event. */
  constructor(limit = 1 << 20) {
    this.#limit = limit
  }

  /** The events that these bytes complete. @throws EventTooLongError */
  push(bytes: Uint8Array): ServerEvent[] {
    let text = this.#decoder.decode(bytes, { stream: true })
    if (text === '') return []
    if (this.#returned && text.startsWith('\n')) text = text.slice(1)
    this.#returned = text.endsWith('\r')
    const lines = text.split(/\r\n|\n|\r/)
    lines[0] = this.#line + lines[0]
    this.#line = lines.pop() ?? ''
    if (this.#size + this.#line.length > this.#limit)
      throw new EventTooLongError(`an event of over ${this.#limit} characters`)
    const events: ServerEvent[] = []
    for (const line of lines) this.#take(line, events)
    return events
  }

  #take(line: string, events: ServerEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) events.push({ event: this.#event || 'message', data: this.#data.join('\n') })
      this.#event = ''
      this.#data = []
      this.#size = 0
      return
    }
    this.#size += line.length
    if (this.#size > this.#limit) throw new EventTooLongError(`an event of over ${this.#limit} characters`)
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
  }
}
