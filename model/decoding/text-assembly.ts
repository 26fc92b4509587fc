/** Tokens' bytes to text that is safe to show: whole characters, and nothing that may become a stop string. */

export class TextAssembly {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  private readonly stops: readonly string[]
  private held = ''
  private ended = false

  /** Empty stop strings mean nothing. */
  constructor(stops: readonly string[]) {
    this.stops = stops.filter((stop) => stop.length > 0)
  }

  /** True once a stop string was met; no text comes any more. */
  get stopped(): boolean {
    return this.ended
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
    if (this.ended) return ''
    const text = this.held + more
    const stop = firstStop(text, this.stops)
    if (stop >= 0) {
      this.ended = true
      this.held = ''
      return text.slice(0, stop)
    }
    const safe = text.length - longestOverhang(text, this.stops)
    this.held = text.slice(safe)
    return text.slice(0, safe)
  }
}

/** Where the earliest stop string begins, or −1. */
function firstStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
  return found.length > 0 ? Math.min(...found) : -1
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
