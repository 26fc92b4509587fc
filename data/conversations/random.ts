/** Deterministic randomness of the generator: a 32-bit hash that decides splits, and a small seeded generator (sfc32). */

/** FNV-1a over UTF-16 units with a murmur finaliser; equal on every machine. */
export function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

export class Random {
  private a: number
  private b: number
  private c: number
  private d = 1

  constructor(key: string) {
    this.a = hash(`${key}/a`)
    this.b = hash(`${key}/b`)
    this.c = hash(`${key}/c`)
    for (let i = 0; i < 12; i++) this.next()
  }

  /** Uniform in [0, 1). */
  next(): number {
    const t = (this.a + this.b + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + t
    return (t >>> 0) / 0x1_0000_0000
  }

  /** Uniform integer from low to high, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]
  }

  /** `count` different members in random order. */
  sample<T>(list: readonly T[], count: number): T[] {
    const copy = [...list]
    const chosen: T[] = []
    while (chosen.length < count && copy.length > 0)
      chosen.push(copy.splice(Math.floor(this.next() * copy.length), 1)[0])
    return chosen
  }

  shuffle<T>(list: readonly T[]): T[] {
    return this.sample(list, list.length)
  }
}
