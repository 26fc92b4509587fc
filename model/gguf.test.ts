import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chatTemplate, messageEnd, padding, specialTokens } from './chat.ts'
import { type GptConfig, parameterSpecs, presets } from './config.ts'
import { GgufError, headerLimits, readGguf } from './gguf.ts'
import { exportGguf } from './gguf-export.ts'
import { trainTokenizer } from './tokenizer-training.ts'
import { saveModel } from './weights.ts'

let root: string
beforeAll(() => (root = mkdtempSync(join(tmpdir(), 'dotline-gguf-'))))
afterAll(() => rmSync(root, { recursive: true }))

const tokenizer = trainTokenizer(['hello there, how are you? 你好 '.repeat(20)], {
  vocabSize: 300,
  specialTokens: [...specialTokens],
})
const small = { vocabSize: tokenizer.vocabSize, contextLength: 64, layers: 2, width: 64, heads: 4, kvHeads: 2 }
const shapes: Record<string, GptConfig> = {
  llama: { ...presets.starter, ...small, headWidth: 16, hidden: 96 },
  qwen2: { ...presets['qwen2-0.5b'], ...small, headWidth: 16, hidden: 96 },
  qwen3: { ...presets['qwen3-0.6b'], ...small, headWidth: 32, hidden: 96 },
  gpt2: { ...presets.gpt2, ...small, kvHeads: 4, headWidth: 16, hidden: 256 },
}

/** Each value tells its parameter and its place. */
const valueOf = (parameter: number, at: number) => Math.fround(Math.sin(parameter * 1000 + at))

async function saved(kind: string): Promise<string> {
  const config = shapes[kind]
  const folder = join(root, kind)
  const parameters = new Map(
    parameterSpecs(config).map(({ name, shape }, number) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return [name, { shape, data: Float32Array.from({ length: size }, (_, at) => valueOf(number, at)) }]
    }),
  )
  const tokenizerJson = JSON.stringify(tokenizer.toJson())
  const special = { eos: messageEnd, pad: padding }
  await saveModel(folder, { config, parameters, tokenizerJson, chatTemplate, specialTokens: special, dtype: 'f32' })
  return folder
}

const exported = async (kind: string, dtype: 'f32' | 'f16' | 'q8_0' = 'f32') => {
  const path = join(root, `${kind}.${dtype}.gguf`)
  await exportGguf(await saved(kind), path, { dtype, licence: 'apache-2.0' })
  return path
}

async function floats(path: string, name: string): Promise<Float32Array> {
  const tensor = (await readGguf(path)).tensors.get(name)
  if (tensor === undefined) throw new Error(`${name} is not there`)
  return new Float32Array(readFileSync(path).buffer.slice(tensor.offset, tensor.offset + tensor.byteLength))
}

describe('an exported model', () => {
  it('is described as llama.cpp wants it', async () => {
    const { metadata, tensors } = await readGguf(await exported('llama'))
    expect(Object.fromEntries(metadata)).toMatchObject({
      'general.architecture': 'llama',
      'general.license': 'apache-2.0',
      'llama.context_length': 64,
      'llama.attention.head_count_kv': 2,
      'llama.rope.freq_base': 10_000,
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'qwen2',
      'tokenizer.ggml.eos_token_id': tokenizer.specialTokens.get(messageEnd),
      'tokenizer.ggml.add_bos_token': false,
      'tokenizer.chat_template': chatTemplate,
    })
    const tokens = metadata.get('tokenizer.ggml.tokens') as string[]
    expect(tokens).toHaveLength(tokenizer.vocabSize)
    expect(tokens.at(-1)).toBe(padding)
    expect(tensors.get('blk.1.attn_k.weight')).toMatchObject({ type: 'F32', dimensions: [64, 32] })
    expect(tensors.has('output.weight')).toBe(false)
  })

  it('has rows of queries and keys as neighbours where Llama rotates neighbours, and as they are for Qwen', async () => {
    const at = parameterSpecs(shapes.llama).findIndex(({ name }) => name === 'model.layers.0.self_attn.k_proj.weight')
    const rows = await floats(await exported('llama'), 'blk.0.attn_k.weight')
    // Row 1 of a head of 16 is the first of its second half, row 8.
    expect([rows[0], rows[64], rows[128]]).toEqual([valueOf(at, 0), valueOf(at, 8 * 64), valueOf(at, 64)])
    const same = await floats(await exported('qwen2'), 'blk.0.attn_k.weight')
    const other = parameterSpecs(shapes.qwen2).findIndex(({ name }) => name.endsWith('0.self_attn.k_proj.weight'))
    expect(same[64]).toBe(valueOf(other, 64))
  })

  it('has the tensors of each architecture', async () => {
    const names = async (kind: string) => [...(await readGguf(await exported(kind))).tensors.keys()]
    expect(await names('qwen2')).toEqual(expect.arrayContaining(['blk.0.attn_q.bias', 'blk.1.attn_v.bias']))
    expect(await names('qwen3')).toEqual(expect.arrayContaining(['blk.0.attn_q_norm.weight']))
    const gpt2 = await readGguf(await exported('gpt2', 'f16'))
    expect(gpt2.tensors.get('blk.0.attn_qkv.weight')).toMatchObject({ type: 'F16', dimensions: [64, 192] })
    expect(gpt2.tensors.get('blk.0.attn_qkv.bias')).toMatchObject({ type: 'F32', dimensions: [192] })
    expect(gpt2.tensors.get('position_embd.weight')).toMatchObject({ type: 'F32' })
  })

  it('is within half a step of its values in q8_0', async () => {
    const path = await exported('llama', 'q8_0')
    const tensor = (await readGguf(path)).tensors.get('token_embd.weight')
    if (tensor === undefined) throw new Error('no embedding')
    const view = new DataView(readFileSync(path).buffer, tensor.offset, tensor.byteLength)
    for (let i = 0; i < 640; i++) {
      const block = Math.floor(i / 32) * 34
      const scale = view.getFloat16(block, true)
      const read = scale * view.getInt8(block + 2 + (i % 32))
      expect(Math.abs(read - valueOf(0, i))).toBeLessThan(scale * 0.6)
    }
  })

  it('is refused, and nothing written, where llama.cpp would cut texts otherwise', async () => {
    const folder = await saved('llama')
    const file = join(folder, 'tokenizer.json')
    const json = JSON.parse(readFileSync(file, 'utf8'))
    json.pre_tokenizer.pretokenizers.unshift({ type: 'Digits', individual_digits: true })
    writeFileSync(file, JSON.stringify(json))
    await expect(exportGguf(folder, join(root, 'not.gguf'), { dtype: 'f32' })).rejects.toThrow(GgufError)
    expect(readdirSync(root).filter((name) => name.includes('not.gguf'))).toEqual([])
  })
})

describe('a file that lies', () => {
  let whole: Buffer
  beforeAll(async () => {
    whole = readFileSync(await exported('llama', 'q8_0'))
  })
  const read = (bytes: Uint8Array) => {
    const path = join(root, 'hostile.gguf')
    writeFileSync(path, bytes)
    return readGguf(path)
  }
  const withCount = (at: number, value: bigint) => {
    const bytes = Buffer.from(whole)
    bytes.writeBigUInt64LE(value, at)
    return bytes
  }

  it('is refused by the limit that it breaks', async () => {
    await expect(read(whole.subarray(0, 20))).rejects.toThrow('shorter than the 24 bytes')
    await expect(read(Buffer.concat([Buffer.from('GGML'), whole.subarray(4)]))).rejects.toThrow('does not begin')
    await expect(read(withCount(8, 1n << 60n))).rejects.toThrow(`limit of ${headerLimits.tensors}`)
    await expect(read(withCount(16, 1n << 40n))).rejects.toThrow(`limit of ${headerLimits.metadataEntries}`)
    await expect(read(withCount(24, 1n << 62n))).rejects.toThrow(`limit of ${headerLimits.keyBytes}`)
    await expect(read(whole.subarray(0, whole.length - 64))).rejects.toThrow('truncated')
  })

  it('claims a list of texts that it does not hold, and no room is made for it', async () => {
    const key = 'tokenizer.ggml.tokens'
    const bytes = Buffer.from(whole)
    bytes.writeBigUInt64LE(7_000_000n, bytes.indexOf(key) + key.length + 8)
    const before = process.memoryUsage().rss
    await expect(read(bytes)).rejects.toThrow('truncated')
    expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20)
  })

  it('only ever ends in a GgufError, however it is broken', async () => {
    const front = whole.subarray(0, 12_000)
    const flaws = fc.array(fc.tuple(fc.nat(front.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    const property = fc.asyncProperty(flaws, fc.option(fc.nat(whole.length)), async (changes, cut) => {
      const bytes = Buffer.from(whole)
      for (const [at, value] of changes) bytes[at] = value
      await read(bytes.subarray(0, cut ?? bytes.length)).catch((error: unknown) => {
        expect(error).toBeInstanceOf(GgufError)
      })
    })
    await fc.assert(property, { numRuns: 150 })
  })
})
