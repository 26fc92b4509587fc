/** sfc32 (Doty-Humphrey, PractRand): a small generator whose stream a seed alone decides. */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  /** Any finite number is a seed; those that differ as doubles give different streams. */
  constructor(seed: number) {
    const words = new Uint32Array(Float64Array.of(seed).buffer)
    this.a = words[0]
    this.b = words[1]
    this.c = 0x9e3779b9
    for (let i = 0; i < 16; i++) this.word()
  }

  /** Uniform in [0, 1), 53 bits. */
  next(): number {
    const high = this.word() >>> 5
    const low = this.word() >>> 6
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  private word(): number {
    const t = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + t
    return t >>> 0
  }
}
