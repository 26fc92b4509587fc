/** Weight files and config.json files that are nearly right, each made from its seed: what fuzz tests and trials feed the readers. */
import { presets } from './config.ts'
import { publishConfig } from './weights/publish.ts'

/** JSON fragments that have broken parsers: limits of integers, wrong kinds, names of object internals, depth. */
const fragments = [
  '0 1 -1 -0 7 2147483647 2147483648 4294967295 4294967296 9007199254740991 9007199254740992 9223372036854775807',
  '9223372036854775808 18446744073709551615 18446744073709551616 1e3 1e308 1e999 0.5 1.0 01 NaN Infinity -Infinity 0x10',
  'null true false nul "" "F32" "F16" "BF16" "F64" "I64" "F4" "f32" "__proto__" "constructor" "toString" "\\ud800" "\\u0000"',
  '[] {} [0] [0,0] [1,2,3] [4,0] [0,4] [[0]] [null] ["0"] [-1] [9007199254740991,9007199254740991] [9007199254740992,0]',
  '[4294967296,4294967296] [18446744073709551615,8] [1e308,1e308] {"__proto__":{"a":1}} {"rope_type":"yarn"} , : ] }',
]
  .join(' ')
  .split(' ')

const evilNames = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '__metadata__',
  '',
  '\u0000',
  '../x',
  'a'.repeat(5000),
  '点线',
]
const evilLengths = [
  0n,
  1n,
  2n,
  8n,
  100_000_000n,
  100_000_001n,
  1n << 31n,
  1n << 32n,
  1n << 53n,
  1n << 63n,
  (1n << 64n) - 1n,
]
const dtypes = { F32: 4, F16: 2, BF16: 2, I64: 8, U8: 1, BOOL: 1 }

class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** A whole number below `bound` (mulberry32). */
  below(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]
  }
}

/** A member of a JSON object: name, and value as text. */
type Member = [name: string, text: string]

/** A small safetensors file with one to four faults in its header's members, text, length or bytes. */
export function hostileWeightFile(seed: number): Uint8Array {
  const dice = new Dice(seed)
  const tensors = sampleTensors(dice)
  const dataBytes = tensors.reduce((most, tensor) => Math.max(most, tensor.end), 0)
  const faults = 1 + dice.below(4)
  let members = tensors.map((tensor): Member => [tensor.name, spellTensor(dice, tensor, faults)])
  if (dice.below(2) === 0)
    members.unshift(['__metadata__', dice.below(3) === 0 ? dice.of(fragments) : '{"format":"pt"}'])
  if (dice.below(3) === 0) members = breakMembers(dice, members)
  const json = Buffer.from(breakText(dice, spellObject(members)))
  const file = Buffer.alloc(8 + json.length + dataBytes)
  const length = dice.below(8) === 0 ? dice.of(evilLengths) : BigInt(json.length + dice.of([0, 0, 0, 0, 0, 0, 1, -1]))
  file.writeBigUInt64LE(BigInt.asUintN(64, length))
  json.copy(file, 8)
  return breakBytes(dice, file)
}

/** A published kind of config.json with one to four members replaced, repeated, renamed or dropped, or its bytes broken. */
export function hostileConfig(seed: number): Uint8Array {
  const dice = new Dice(seed)
  const [architecture, preset] = dice.of([
    ['LlamaForCausalLM', 'starter'],
    ['Qwen2ForCausalLM', 'qwen2-0.5b'],
    ['Qwen3ForCausalLM', 'qwen3-0.6b'],
    ['GPT2LMHeadModel', 'gpt2'],
    ['DotlineForCausalLM', 'gpt-1'],
  ] as const)
  const config = publishConfig(architecture, presets[preset], { eos: 0, pad: 0 }, 'f16')
  let members = Object.entries(config).map(([name, value]): Member => [name, JSON.stringify(value)])
  for (let faults = 1 + dice.below(4); faults > 0; faults--) members = breakMembers(dice, members)
  return breakBytes(dice, Buffer.from(breakText(dice, spellObject(members))))
}

interface SampleTensor {
  name: string
  dtype: keyof typeof dtypes
  shape: number[]
  begin: number
  end: number
}

function sampleTensors(dice: Dice): SampleTensor[] {
  let at = 0
  return Array.from({ length: dice.below(6) }, (_, index) => {
    const dtype = dice.of(Object.keys(dtypes) as (keyof typeof dtypes)[])
    const shape = Array.from({ length: dice.below(4) }, () => dice.below(6))
    const begin = at
    at += shape.reduce((product, size) => product * size, dtypes[dtype])
    return { name: dice.below(6) === 0 ? dice.of(evilNames) : `layer.${index}`, dtype, shape, begin, end: at }
  })
}

function spellTensor(dice: Dice, { dtype, shape, begin, end }: SampleTensor, faults: number): string {
  const members: Member[] = [
    ['dtype', JSON.stringify(dtype)],
    ['shape', JSON.stringify(shape)],
    ['data_offsets', JSON.stringify([begin, end])],
  ]
  for (let fault = 0; fault < faults; fault++) {
    const kind = dice.below(12)
    if (kind === 0) members[1][1] = JSON.stringify([...shape, dice.of([0, 1, 2, 2 ** 31, 2 ** 32, 2 ** 53])])
    if (kind === 1)
      members[2][1] = `[${dice.of([begin, begin - 1, begin + 1, end])},${dice.of([end, end + 1, end - 1, begin])}]`
    if (kind === 2) members[2][1] = `[${dice.of(fragments)},${dice.of(fragments)}]`
    if (kind === 3) return spellObject(breakMembers(dice, members))
  }
  return spellObject(members)
}

function breakMembers(dice: Dice, members: readonly Member[]): Member[] {
  if (members.length === 0) return [[dice.of(evilNames), dice.of(fragments)]]
  const at = dice.below(members.length)
  const [name, text] = members[at]
  const replacements: Member[][] = [
    [[name, dice.of(fragments)]],
    [[name, dice.of(fragments)]],
    [[dice.of(evilNames), text]],
    [
      [name, text],
      [name, dice.of([text, ...fragments])],
    ],
    [],
    [
      [name, text],
      [dice.of(evilNames), dice.of(fragments)],
    ],
    [[name, nest(dice, text)]],
  ]
  return members.toSpliced(at, 1, ...dice.of(replacements))
}

function nest(dice: Dice, text: string): string {
  const depth = dice.of([1, 2, 5, 40, 20_000])
  return dice.below(2) === 0
    ? '['.repeat(depth) + text + ']'.repeat(depth)
    : '{"a":'.repeat(depth) + text + '}'.repeat(depth)
}

function spellObject(members: readonly Member[]): string {
  return `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

function breakText(dice: Dice, text: string): string {
  const at = dice.below(text.length)
  switch (dice.below(10)) {
    case 0:
      return text.slice(0, at) + dice.of(fragments) + text.slice(at)
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + dice.below(8))
    case 2:
      return text + ' '.repeat(dice.below(5000))
    case 3:
      return dice.of([' ', '\ufeff', '\n', '[', '\u0000']) + text
    case 4:
      return text + dice.of(['{}', ',', '\u0000', '\n', '}'])
    default:
      return text
  }
}

function breakBytes(dice: Dice, bytes: Buffer): Uint8Array {
  const at = dice.below(bytes.length)
  switch (dice.below(10)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([bytes, Buffer.alloc(1 + dice.below(64))])
    case 2:
      for (let flips = 1 + dice.below(8); flips > 0; flips--) bytes[dice.below(bytes.length)] ^= 1 << dice.below(8)
      return bytes
    case 3:
      bytes[at] = dice.of([0, 0x22, 0x2c, 0x5b, 0x5c, 0x7b, 0x80, 0xc0, 0xed, 0xff])
      return bytes
    default:
      return bytes
  }
}
