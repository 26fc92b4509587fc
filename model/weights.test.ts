import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GptConfig, parameterSpecs, presets } from './config.ts'
import { hostileConfig } from './hostile.ts'
import { openSafetensors, WeightFileError, writeSafetensors } from './safetensors.ts'
import { loadModel, ModelFolderError, type ModelToSave, type Parameter, parseConfig, saveModel } from './weights.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'dotline-weights-'))
})
afterAll(() => rm(root, { recursive: true }))

const small = { vocabSize: 11, contextLength: 16, layers: 2, width: 8, heads: 4, headWidth: 2, hidden: 12 }
const llama: GptConfig = { ...presets.starter, ...small, kvHeads: 2, ropeTheta: 50_000 }
const qwen2: GptConfig = { ...llama, qkvBias: true, tiedEmbeddings: false, normEpsilon: 1e-6 }
const qwen3: GptConfig = { ...llama, qkNorm: true, headWidth: 6 }
const gpt2: GptConfig = { ...presets.gpt2, ...small, kvHeads: 4, hidden: 32 }

/** Parameters whose every value is another, so that no swap, transpose or slip goes unseen; all exact in float16 and bfloat16. */
function parametersOf(config: GptConfig): Map<string, Parameter> {
  let next = 0
  return new Map(
    parameterSpecs(config).map(({ name, shape }) => {
      const length = shape.reduce((a, b) => a * b, 1)
      return [name, { shape, data: Float32Array.from({ length }, () => next++) }]
    }),
  )
}

const tokenizerJson = JSON.stringify({
  model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
  added_tokens: [
    { id: 9, content: '<|end|>', special: true },
    { id: 10, content: '<|pad|>', special: true },
  ],
})

function toSave(config: GptConfig, more: Partial<ModelToSave> = {}): ModelToSave {
  const specialTokens = { eos: '<|end|>', pad: '<|pad|>' }
  const parameters = parametersOf(config)
  return { config, parameters, tokenizerJson, chatTemplate: '{{ messages }}', specialTokens, dtype: 'f32', ...more }
}

async function saved(config: GptConfig, more: Partial<ModelToSave> = {}): Promise<string> {
  const folder = await mkdtemp(path.join(root, 'model-'))
  await saveModel(folder, toSave(config, more))
  return folder
}

async function readJson(folder: string, name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(folder, name), 'utf8'))
}

/** Rewrites one JSON file of a folder with some fields changed. */
async function change(folder: string, name: string, fields: Record<string, unknown>): Promise<void> {
  await writeFile(path.join(folder, name), JSON.stringify({ ...(await readJson(folder, name)), ...fields }))
}

/** Rewrites a folder's only weight file with its tensors changed. */
async function changeTensors(folder: string, edit: (tensors: Map<string, Parameter>) => void): Promise<void> {
  const file = path.join(folder, 'model.safetensors')
  const tensors = new Map<string, Parameter>()
  {
    await using open = await openSafetensors(file)
    for (const [name, { shape }] of open.tensors) tensors.set(name, { shape, data: await open.read(name) })
  }
  edit(tensors)
  await writeSafetensors(
    file,
    Array.from(tensors, ([name, tensor]) => ({ name, ...tensor })),
    { dtype: 'f32' },
  )
}

const kinds: [string, GptConfig, Partial<ModelToSave>][] = [
  ['LlamaForCausalLM', llama, {}],
  ['LlamaForCausalLM', { ...llama, tiedEmbeddings: false, headWidth: 4 }, {}],
  ['Qwen2ForCausalLM', qwen2, {}],
  ['Qwen3ForCausalLM', qwen3, {}],
  ['GPT2LMHeadModel', gpt2, {}],
  ['GPT2LMHeadModel', { ...gpt2, tiedEmbeddings: false }, {}],
  ['DotlineForCausalLM', { ...llama, activation: 'relu2' }, { architecture: 'dotline' }],
  ['DotlineForCausalLM', { ...gpt2, normPlacement: 'post' }, { architecture: 'dotline' }],
]

describe.each(kinds)('%s, round trip %#', (architecture, config, more) => {
  test.each(['f32', 'f16', 'bf16'] as const)('in %s', async (dtype) => {
    const scale = dtype === 'bf16' ? 255 : 2047
    const parameters = parametersOf(config)
    for (const { data } of parameters.values()) data.forEach((value, index) => (data[index] = value % scale))
    const folder = await saved(config, { ...more, parameters, dtype })
    for (const shared of [false, true]) {
      const model = await loadModel(folder, { shared })
      expect(model.architecture).toBe(architecture)
      expect(model.config).toEqual(config)
      expect([...model.parameters]).toEqual([...parameters])
      for (const { data } of model.parameters.values()) expect(data.buffer instanceof SharedArrayBuffer).toBe(shared)
    }
  })

  test('in shards', async () => {
    const folder = await saved(config, { ...more, shardBytes: 1000 })
    const shards = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'))
    expect(shards.length).toBeGreaterThan(2)
    expect(shards[0]).toBe(`model-00001-of-${String(shards.length).padStart(5, '0')}.safetensors`)
    const model = await loadModel(folder)
    expect([...model.parameters]).toEqual([...parametersOf(config)])
    // Saved again in one piece, nothing of the shards stays behind.
    await saveModel(folder, toSave(config, more))
    expect((await readdir(folder)).filter((name) => name.startsWith('model'))).toEqual(['model.safetensors'])
  })
})

describe('the folder as others read it', () => {
  test('Llama', async () => {
    const folder = await saved(llama, { dtype: 'f16', generation: { temperature: 0.7, eos_token_id: [9, 10] } })
    expect((await readdir(folder)).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    expect(await readJson(folder, 'config.json')).toMatchObject({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: 8,
      head_dim: 2,
      num_key_value_heads: 2,
      rope_theta: 50_000,
      eos_token_id: 9,
      pad_token_id: 10,
      bos_token_id: null,
      torch_dtype: 'float16',
    })
    expect(await readJson(folder, 'tokenizer_config.json')).toMatchObject({
      tokenizer_class: 'PreTrainedTokenizerFast',
      chat_template: '{{ messages }}',
      eos_token: '<|end|>',
      pad_token: '<|pad|>',
      model_max_length: 16,
      clean_up_tokenization_spaces: false,
    })
    const model = await loadModel(folder)
    expect(model.generation).toEqual({ eos_token_id: [9, 10], pad_token_id: 10, temperature: 0.7 })
    expect(model.name).toBe(path.basename(folder))
  })

  test('GPT-2: Conv1D matrices are [in, out], query, key and value lie side by side', async () => {
    const folder = await saved(gpt2)
    await using file = await openSafetensors(path.join(folder, 'model.safetensors'))
    expect(file.metadata.get('format')).toBe('pt')
    const merged = await file.read('transformer.h.1.attn.c_attn.weight')
    expect(file.tensors.get('transformer.h.1.attn.c_attn.weight')?.shape).toEqual([8, 24])
    const parameters = parametersOf(gpt2)
    for (const [part, name] of ['q', 'k', 'v'].entries()) {
      const own = parameters.get(`model.layers.1.self_attn.${name}_proj.weight`)
      for (let input = 0; input < 8; input++)
        for (let out = 0; out < 8; out++) expect(merged[input * 24 + part * 8 + out]).toBe(own?.data[out * 8 + input])
    }
    expect(file.tensors.get('transformer.h.0.mlp.c_fc.weight')?.shape).toEqual([8, 32])
    expect(file.tensors.has('lm_head.weight')).toBe(false)
  })

  test('GPT-2 as published: no prefix, masks among the tensors', async () => {
    const folder = await saved(gpt2)
    await changeTensors(folder, (tensors) => {
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name)
        tensors.set(name.replace('transformer.', ''), tensor)
      }
      tensors.set('h.0.attn.bias', { shape: [1, 1, 16, 16], data: new Float32Array(256) })
      tensors.set('h.0.attn.masked_bias', { shape: [], data: new Float32Array(1) })
    })
    expect([...(await loadModel(folder)).parameters]).toEqual([...parametersOf(gpt2)])
  })

  test("a snapshot in Hugging Face's cache, whose files are links into its blobs", async () => {
    const home = path.join(root, 'models--some--model')
    const snapshot = path.join(home, 'snapshots', 'abc')
    await mkdir(path.join(home, 'blobs'), { recursive: true })
    await mkdir(snapshot, { recursive: true })
    const folder = await saved(llama)
    for (const name of await readdir(folder)) {
      await rename(path.join(folder, name), path.join(home, 'blobs', name))
      await symlink(path.join('..', '..', 'blobs', name), path.join(snapshot, name))
    }
    const model = await loadModel(snapshot)
    expect(model.name).toBe('some/model')
    expect([...model.parameters]).toEqual([...parametersOf(llama)])
  })
})

describe('weights that do not fit are refused', () => {
  const edits: [string, (tensors: Map<string, Parameter>) => void, RegExp][] = [
    ['missing', (tensors) => tensors.delete('model.norm.weight'), /"model.norm.weight": missing/],
    [
      'unexpected',
      (tensors) => tensors.set('model.extra.weight', { shape: [1], data: new Float32Array(1) }),
      /"model.extra.weight": not a tensor of a LlamaForCausalLM/,
    ],
    [
      'of another shape',
      (tensors) => tensors.set('model.norm.weight', { shape: [2, 4], data: new Float32Array(8) }),
      /"model.norm.weight": shape \[2, 4\], but config.json asks for \[8\]/,
    ],
    [
      'tied, yet different',
      (tensors) => tensors.set('lm_head.weight', { shape: [11, 8], data: new Float32Array(88) }),
      /differs from the embedding/,
    ],
  ]
  test.each(edits)('%s', async (_, edit, message) => {
    const folder = await saved(llama)
    await changeTensors(folder, edit)
    await expect(loadModel(folder)).rejects.toThrow(message)
    await expect(loadModel(folder)).rejects.toBeInstanceOf(WeightFileError)
  })

  test('but a repeated tied matrix and RoPE frequencies are not', async () => {
    const folder = await saved(llama)
    await changeTensors(folder, (tensors) => {
      const embedding = tensors.get('model.embed_tokens.weight')
      if (embedding !== undefined) tensors.set('lm_head.weight', embedding)
      tensors.set('model.layers.0.self_attn.rotary_emb.inv_freq', { shape: [1], data: new Float32Array(1) })
    })
    expect([...(await loadModel(folder)).parameters]).toEqual([...parametersOf(llama)])
  })
})

describe('a folder that reaches outside or is unfinished is refused', () => {
  const shardNames = [
    '../model.safetensors',
    '/etc/model.safetensors',
    '..\\x.safetensors',
    'a/b.safetensors',
    'x.bin',
    7,
  ]
  test.each(shardNames)('shard %s', async (shard) => {
    const folder = await saved(llama, { shardBytes: 1000 })
    await change(folder, 'model.safetensors.index.json', { weight_map: { 'model.norm.weight': shard } })
    await expect(loadModel(folder)).rejects.toThrow('is not a plain *.safetensors name')
  })

  test('a link to a file elsewhere', async () => {
    const [folder, other] = [await saved(llama), await saved(llama)]
    await rm(path.join(folder, 'model.safetensors'))
    await symlink(path.join(other, 'model.safetensors'), path.join(folder, 'model.safetensors'))
    await expect(loadModel(folder)).rejects.toThrow('a link that leads out of the model folder')
  })

  test('an index that disagrees with its shards', async () => {
    const folder = await saved(llama, { shardBytes: 1000 })
    const index = await readJson(folder, 'model.safetensors.index.json')
    const first = (await readdir(folder)).find((name) => name.startsWith('model-00001'))
    const map = { ...(index.weight_map as Record<string, string>) }
    await change(folder, 'model.safetensors.index.json', { weight_map: { ...map, 'model.norm.weight': first } })
    await expect(loadModel(folder)).rejects.toThrow('does not place it in this file')
    await change(folder, 'model.safetensors.index.json', { weight_map: { ...map, more: first } })
    await expect(loadModel(folder)).rejects.toThrow('missing, although model.safetensors.index.json places it')
    await rm(path.join(folder, String(first)))
    await change(folder, 'model.safetensors.index.json', { weight_map: map })
    await expect(loadModel(folder)).rejects.toThrow('missing')
  })

  test('no config.json, no weights, a large or broken config.json', async () => {
    const folder = await saved(llama)
    await rm(path.join(folder, 'model.safetensors'))
    await expect(loadModel(folder)).rejects.toThrow('has neither model.safetensors nor')
    await writeFile(path.join(folder, 'config.json'), '{"a":1,"a":2}')
    await expect(loadModel(folder)).rejects.toThrow('duplicate key "a"')
    await writeFile(path.join(folder, 'config.json'), Buffer.alloc(32_000_001, ' '))
    await expect(loadModel(folder)).rejects.toThrow('more than the limit')
    await rm(path.join(folder, 'config.json'))
    await expect(loadModel(folder)).rejects.toThrow(
      'no config.json: not a model, or one that was not written to the end',
    )
  })
})

describe('config.json', () => {
  const unsupported: [GptConfig, Record<string, unknown>, RegExp][] = [
    [llama, { architectures: ['MixtralForCausalLM'] }, /"architectures": "MixtralForCausalLM" is not supported/],
    [llama, { architectures: [], model_type: 'mamba' }, /"model_type": "mamba" is not supported/],
    [llama, { rope_scaling: { rope_type: 'llama3', factor: 8 } }, /"rope_scaling": RoPE scaling "llama3"/],
    [llama, { rope_parameters: { type: 'yarn' } }, /"rope_parameters": RoPE scaling "yarn"/],
    [llama, { quantization_config: { bits: 4 } }, /"quantization_config": .*quantised weights/],
    [llama, { attention_bias: true }, /"attention_bias"/],
    [llama, { mlp_bias: true }, /"mlp_bias"/],
    [llama, { num_local_experts: 8 }, /"num_local_experts": 8 is not supported: a mixture of experts/],
    [llama, { sliding_window: 4096 }, /"sliding_window"/],
    [qwen2, { use_sliding_window: true }, /"use_sliding_window"/],
    [qwen3, { layer_types: ['full_attention', 'sliding_attention'] }, /"layer_types"/],
    [llama, { hidden_act: 'gelu' }, /"hidden_act": "gelu" is not supported; only silu, swish/],
    [llama, { hidden_size: '8' }, /"hidden_size": "8" is not a whole number/],
    [llama, { num_hidden_layers: 1e9 }, /"num_hidden_layers": 1000000000 is not a whole number from 1 to 1024/],
    [llama, { num_key_value_heads: 3 }, /"num_key_value_heads": 4 heads are not a multiple of 3/],
    [llama, { head_dim: 3 }, /"head_dim": 3 is odd/],
    [llama, { vocab_size: null }, /"vocab_size": missing/],
    [gpt2, { activation_function: 'gelu' }, /"activation_function"/],
    [gpt2, { n_head: 3 }, /"n_head": the width 8 is not a multiple of 3/],
    [gpt2, { scale_attn_by_inverse_layer_idx: true }, /"scale_attn_by_inverse_layer_idx"/],
  ]
  test.each(unsupported)('%#: %o is refused', async (config, fields, message) => {
    const folder = await saved(config)
    await change(folder, 'config.json', fields)
    await expect(loadModel(folder)).rejects.toThrow(message)
    await expect(loadModel(folder)).rejects.toBeInstanceOf(ModelFolderError)
  })

  test('what changes nothing is accepted, and code is never looked at', async () => {
    const folder = await saved(qwen2)
    await change(folder, 'config.json', {
      auto_map: { AutoModelForCausalLM: 'evil.Model' },
      sliding_window: 4096,
      use_sliding_window: false,
      rope_theta: null,
      rope_parameters: { rope_type: 'default', rope_theta: 777 },
      layer_types: ['full_attention', 'full_attention'],
    })
    await writeFile(path.join(folder, 'evil.py'), 'raise SystemExit')
    expect((await loadModel(folder)).config).toEqual({ ...qwen2, ropeTheta: 777 })
  })

  test("transformers' defaults stand in for missing fields", () => {
    const sizes = {
      vocab_size: 11,
      hidden_size: 512,
      num_attention_heads: 4,
      num_hidden_layers: 1,
      intermediate_size: 9,
    }
    const base = { ...sizes, max_position_embeddings: 16 }
    const parse = (model_type: string) => parseConfig(Buffer.from(JSON.stringify({ ...base, model_type })), 'c').config
    expect(parse('llama')).toMatchObject({ kvHeads: 4, headWidth: 128, normEpsilon: 1e-6, ropeTheta: 10_000 })
    expect(parse('qwen3')).toMatchObject({ headWidth: 128, qkNorm: true, tiedEmbeddings: false })
  })

  test('20,000 mutated ones: a configuration or a typed error, in time', () => {
    let refused = 0
    let slowest = 0
    for (let seed = 0; seed < 20_000; seed++) {
      const bytes = hostileConfig(seed)
      const parse = () => {
        const start = performance.now()
        const config = configOrError(bytes)
        if (config === null) refused++
        else if (parameterSpecs(config).length > 30_000) throw new Error('accepted an absurd size')
        return performance.now() - start
      }
      const elapsed = parse()
      if (elapsed > slowest) slowest = Math.max(slowest, Math.min(elapsed, parse()))
    }
    expect(refused).toBeGreaterThan(5000)
    expect(refused).toBeLessThan(19_900)
    expect(slowest).toBeLessThan(100)
  })
})

function configOrError(bytes: Uint8Array): GptConfig | null {
  try {
    return parseConfig(bytes, 'config.json').config
  } catch (error) {
    if (error instanceof ModelFolderError) return null
    throw error
  }
}

describe('export', () => {
  const homeless: [Partial<GptConfig>, GptConfig, string][] = [
    [{ activation: 'relu2' }, llama, 'activation'],
    [{ norm: 'layernorm' }, llama, 'norm'],
    [{ normPlacement: 'post' }, llama, 'normPlacement'],
    [{ biases: true }, llama, 'biases'],
    [{ qkvBias: true, qkNorm: true }, llama, 'qkNorm'],
    [{ qkvBias: true, headWidth: 4 }, llama, 'headWidth'],
    [{ activation: 'swiglu' }, gpt2, 'activation'],
    [{ biases: false }, gpt2, 'biases'],
    [{ kvHeads: 2 }, gpt2, 'kvHeads'],
  ]
  test.each(homeless)('%o has no public architecture', async (fields, base, field) => {
    const folder = path.join(root, 'never')
    const refused = expect(saveModel(folder, toSave({ ...base, ...fields }))).rejects
    await refused.toMatchObject({ name: 'ModelFolderError', field })
    await refused.toThrow("export with architecture 'dotline'")
    expect(await readdir(root)).not.toContain('never')
  })

  test('checks parameters and tokens before it touches the folder', async () => {
    const folder = await saved(llama)
    const less = parametersOf(llama)
    less.delete('model.norm.weight')
    await expect(saveModel(folder, toSave(llama, { parameters: less }))).rejects.toThrow('"model.norm.weight": missing')
    const more = parametersOf(llama).set('extra', { shape: [1], data: new Float32Array(1) })
    await expect(saveModel(folder, toSave(llama, { parameters: more }))).rejects.toThrow('"extra": not a parameter')
    const large = parametersOf(llama)
    large.get('model.norm.weight')?.data.fill(1e6)
    await expect(saveModel(folder, toSave(llama, { parameters: large, dtype: 'f16' }))).rejects.toThrow(
      'too large for f16',
    )
    const noToken = toSave(llama, { specialTokens: { eos: '<|nothing|>', pad: '<|pad|>' } })
    await expect(saveModel(folder, noToken)).rejects.toThrow('special token is not in the vocabulary')
    const narrow = { ...llama, vocabSize: 10 }
    await expect(saveModel(folder, toSave(narrow))).rejects.toThrow('id 10 is beyond the model')
    expect([...(await loadModel(folder)).parameters]).toEqual([...parametersOf(llama)])
  })

  test('that dies on the way leaves a folder that is refused', async () => {
    const folder = await saved(llama)
    // The tokenizer's place is taken by a folder: the rename fails after the weights are written.
    await rm(path.join(folder, 'tokenizer.json'))
    await mkdir(path.join(folder, 'tokenizer.json'))
    await expect(saveModel(folder, toSave(llama))).rejects.toThrow()
    expect(await readdir(folder)).toContain('model.safetensors')
    await expect(loadModel(folder)).rejects.toThrow('no config.json')
  })
})
