/**
 * NumPy's default generator, so that `reset(seed)` begins where Gymnasium's does: PCG64 (O'Neill 2014, XSL-RR with 128
 * bits of state), its state drawn from the seed by SeedSequence (O'Neill 2015, "Developing a seed_seq alternative").
 */
const multiplier = 0x2360ed051fc65da44385df649fccf645n
const below128 = (1n << 128n) - 1n
const below64 = (1n << 64n) - 1n

export class Pcg64 {
  private state: bigint
  private increment: bigint

  constructor(seed: number) {
    const words = seedWords(seed, 8)
    const wide = (at: number) => (BigInt(words[at + 1]) << 32n) | BigInt(words[at])
    const start = (wide(0) << 64n) | wide(2)
    this.increment = ((((wide(4) << 64n) | wide(6)) << 1n) | 1n) & below128
    this.state = 0n
    this.advance()
    this.state = (this.state + start) & below128
    this.advance()
  }

  /** A number in [0, 1) with 53 random bits. */
  next(): number {
    this.advance()
    const folded = (this.state >> 64n) ^ (this.state & below64)
    const turn = this.state >> 122n
    const bits = ((folded >> turn) | (folded << (64n - turn))) & below64
    return Number(bits >> 11n) / 2 ** 53
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.next()
  }

  /** State and increment in hexadecimal digits. */
  save(): string {
    return `${this.state.toString(16)} ${this.increment.toString(16)}`
  }

  static load(saved: string): Pcg64 {
    const generator = new Pcg64(0)
    const [state, increment] = saved.split(' ')
    generator.state = BigInt(`0x${state}`)
    generator.increment = BigInt(`0x${increment}`)
    return generator
  }

  private advance(): void {
    this.state = (this.state * multiplier + this.increment) & below128
  }
}

/** SeedSequence(seed).generate_state(count): the seed's words hashed into a pool of four, and the pool hashed out. */
function seedWords(seed: number, count: number): Uint32Array {
  const entropy = seed < 2 ** 32 ? [seed] : [seed % 2 ** 32, Math.floor(seed / 2 ** 32)]
  const pool = new Uint32Array(4)
  const hashed = hasher(0x43b0d7e5, 0x931e8875)
  for (let i = 0; i < 4; i++) pool[i] = hashed(entropy[i] ?? 0)
  for (let from = 0; from < 4; from++)
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mixed(pool[to], hashed(pool[from]))
  const out = hasher(0x8b51f9dd, 0x58f38ded)
  return Uint32Array.from({ length: count }, (_, i) => out(pool[i % 4]))
}

function hasher(first: number, factor: number): (value: number) => number {
  let constant = first
  return (value) => {
    const turned = value ^ constant
    constant = Math.imul(constant, factor)
    const product = Math.imul(turned, constant)
    return (product ^ (product >>> 16)) >>> 0
  }
}

function mixed(x: number, y: number): number {
  const value = Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)
  return ((value >>> 0) ^ (value >>> 16)) >>> 0
}
