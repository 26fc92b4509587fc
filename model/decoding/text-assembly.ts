/** Tokens' bytes to text that is safe to show: whole characters, and nothing that may become a stop string. */

export class TextAssembly {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  private readonly stops: readonly string[]
  private held = ''
  private met: string | null = null

  /** Empty stop strings mean nothing. */
  constructor(stops: readonly string[]) {
    this.stops = stops.filter((stop) => stop.length > 0)
  }

  /** True once a stop string was met; no text comes any more. */
  get stopped(): boolean {
    return this.met !== null
  }

  /** The stop string that was met. */
  get stop(): string | null {
    return this.met
  }

  /** Takes the bytes of one more token and returns the text that is settled by now. */
  push(bytes: Uint8Array): string {
    return this.settle(this.decoder.decode(bytes, { stream: true }))
  }

  /** The rest; bytes of a character that was never finished become U+FFFD. */
  finish(): string {
    const text = this.settle(this.decoder.decode()) + this.held
    this.held = ''
    return text
  }

  private settle(more: string): string {
    if (this.met !== null) return ''
    const text = this.held + more
    const stop = firstStop(text, this.stops)
    if (stop !== null) {
      this.met = stop
      this.held = ''
      return text.slice(0, text.indexOf(stop))
    }
    const safe = text.length - longestOverhang(text, this.stops)
    this.held = text.slice(safe)
    return text.slice(0, safe)
  }
}

/** The stop string that begins earliest; of several at one place, the first that was named. */
function firstStop(text: string, stops: readonly string[]): string | null {
  let [first, earliest]: [string | null, number] = [null, Number.POSITIVE_INFINITY]
  for (const stop of stops) {
    const at = text.indexOf(stop)
    if (at >= 0 && at < earliest) [first, earliest] = [stop, at]
  }
  return first
}

/** Length of the longest end of the text that begins a stop string. */
function longestOverhang(text: string, stops: readonly string[]): number {
  let longest = 0
  for (const stop of stops) {
    for (let size = Math.min(stop.length - 1, text.length); size > longest; size--) {
      if (stop.startsWith(text.slice(text.length - size))) {
        longest = size
        break
      }
    }
  }
  return longest
}
