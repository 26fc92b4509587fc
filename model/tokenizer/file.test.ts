import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Tokenizer as PeerTokenizer } from '@huggingface/tokenizers'
import { describe, expect, it } from 'vitest'
import { Tokenizer, TokenizerError } from '#model/tokenizer'
import { trainTokenizer } from '#model/tokenizer-training'
import { llama3Pattern } from './split.ts'

const trained = trainTokenizer(["The cat sat on the mat, the cat's mat. 猫坐在垫子上。 12345 12345".repeat(5)], {
  vocabSize: 330,
  specialTokens: ['<|endoftext|>', '<think>'],
})

interface File {
  added_tokens: Record<string, unknown>[]
  normalizer: unknown
  pre_tokenizer: unknown
  post_processor: unknown
  decoder: unknown
  model: { vocab: Record<string, unknown>; merges: unknown[] } & Record<string, unknown>
}

const text = JSON.stringify(trained.toJson())
const file = (): File => JSON.parse(text)
const changed = (change: (json: File) => void): File => {
  const json = file()
  change(json)
  return json
}
const sample = "The cats' mat: 12345678 CAN'T\n\n  猫 mat <|endoftext|> e\u0301"
const peerIds = (json: object, input: string) =>
  new PeerTokenizer(json, {}).encode(input, { add_special_tokens: false }).ids

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }
const splitBy = (Regex: string, behavior = 'Isolated', invert = false) => ({
  type: 'Split',
  pattern: { Regex },
  behavior,
  invert,
})
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers })

describe('published forms', () => {
  const forms: Record<string, (json: File) => void> = {
    'GPT-2: ByteLevel alone, merges as strings': (json) => {
      json.pre_tokenizer = { ...byteLevel, use_regex: true }
      json.post_processor = { type: 'ByteLevel', trim_offsets: false }
      json.model.merges = json.model.merges.map((pair) => (pair as string[]).join(' '))
    },
    'GPT-2 with a prefix space': (json) => {
      json.pre_tokenizer = { ...byteLevel, add_prefix_space: true, use_regex: true }
    },
    'Llama 3: Split, ignore_merges, a template that adds tokens': (json) => {
      json.pre_tokenizer = sequence(splitBy(llama3Pattern), byteLevel)
      json.model.ignore_merges = true
      // A token that no merge makes is found by its whole piece alone.
      json.model.vocab.Ġcats = trained.vocabSize
    },
    'Qwen2: NFC': (json) => {
      json.normalizer = { type: 'NFC' }
      json.added_tokens[1].special = false
      json.added_tokens[1].normalized = true
    },
    'small letters': (json) => {
      json.normalizer = { type: 'Lowercase' }
    },
    'NFC, then small letters': (json) => {
      json.normalizer = { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Lowercase' }] }
    },
    'SmolLM: Digits': (json) => {
      json.pre_tokenizer = sequence({ type: 'Digits', individual_digits: true }, { ...byteLevel, use_regex: true })
    },
    'digits in runs': (json) => {
      json.pre_tokenizer = sequence({ type: 'Digits', individual_digits: false }, { ...byteLevel, use_regex: true })
    },
    'special tokens in the vocabulary too': (json) => {
      for (const { content, id } of json.added_tokens) json.model.vocab[content as string] = id
    },
  }
  it.each(Object.entries(forms))(
    '%s: read, encoded as the peer does, and written so that it reads the same',
    (_, form) => {
      const json = changed(form)
      const tokenizer = Tokenizer.fromJson(json)
      const ids = [...tokenizer.encode(sample, { special: true })]
      expect(ids).toEqual(peerIds(json, sample))
      const again = Tokenizer.fromJson(JSON.parse(JSON.stringify(tokenizer.toJson())))
      expect([...again.encode(sample, { special: true })]).toEqual(ids)
    },
  )
})

describe('a file that cannot be used', () => {
  const refused: [field: string, change: (json: File) => void][] = [
    [
      'model.type',
      (json) => {
        json.model.type = 'Unigram'
      },
    ],
    [
      'model.end_of_word_suffix',
      (json) => {
        json.model.end_of_word_suffix = '</w>'
      },
    ],
    [
      'model.byte_fallback',
      (json) => {
        json.model.byte_fallback = true
      },
    ],
    [
      'model.dropout',
      (json) => {
        json.model.dropout = 0.1
      },
    ],
    [
      'model.vocab',
      (json) => {
        json.model.vocab = [] as never
      },
    ],
    [
      'model.vocab',
      (json) => {
        delete json.model.vocab.a
      },
    ],
    [
      'model.vocab',
      (json) => {
        json.model.vocab['日'] = trained.vocabSize
      },
    ],
    [
      'model.vocab',
      (json) => {
        json.model.vocab.xyz = 5
      },
    ],
    [
      'model.vocab id',
      (json) => {
        json.model.vocab.xyz = 2 ** 53
      },
    ],
    [
      'model.vocab id',
      (json) => {
        json.model.vocab.xyz = -1
      },
    ],
    [
      'model.vocab id',
      (json) => {
        json.model.vocab.xyz = 0.5
      },
    ],
    [
      'model.vocab key',
      (json) => {
        json.model.vocab[''] = trained.vocabSize
      },
    ],
    [
      'model.merges',
      (json) => {
        json.model.merges = {} as never
      },
    ],
    [
      'model.merges[0]',
      (json) => {
        json.model.merges[0] = 'a'
      },
    ],
    [
      'model.merges[0]',
      (json) => {
        json.model.merges[0] = ['a', 'b', 'c']
      },
    ],
    [
      'model.merges[3]',
      (json) => {
        json.model.merges[3] = ['__proto__', 'constructor']
      },
    ],
    [
      'added_tokens',
      (json) => {
        json.added_tokens = {} as never
      },
    ],
    [
      'added_tokens[0].id',
      (json) => {
        json.added_tokens[0].id = '5'
      },
    ],
    [
      'added_tokens[0]',
      (json) => {
        json.added_tokens[0].id = 5
      },
    ],
    [
      'added_tokens[1].content',
      (json) => {
        json.added_tokens[1].content = ''
      },
    ],
    [
      'added_tokens[1].lstrip',
      (json) => {
        json.added_tokens[1].lstrip = true
      },
    ],
    [
      'normalizer',
      (json) => {
        json.normalizer = { type: 'StripAccents' }
      },
    ],
    [
      'post_processor',
      (json) => {
        json.post_processor = { type: 'BertProcessing' }
      },
    ],
    [
      'decoder',
      (json) => {
        json.decoder = { type: 'Metaspace' }
      },
    ],
    [
      'pre_tokenizer',
      (json) => {
        json.pre_tokenizer = null
      },
    ],
    [
      'pre_tokenizer',
      (json) => {
        json.pre_tokenizer = { type: 'Metaspace' }
      },
    ],
    [
      'pre_tokenizer.pretokenizers',
      (json) => {
        json.pre_tokenizer = sequence()
      },
    ],
    [
      'pre_tokenizer.pretokenizers[0].pattern',
      (json) => {
        json.pre_tokenizer = sequence(splitBy('(a+)+$'), byteLevel)
      },
    ],
    [
      'pre_tokenizer.pretokenizers[0].behavior',
      (json) => {
        json.pre_tokenizer = sequence(splitBy(llama3Pattern, 'Removed'), byteLevel)
      },
    ],
  ]
  it.each(refused)('is refused by a typed error that names %s', (field, change) => {
    try {
      Tokenizer.fromJson(changed(change))
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(TokenizerError)
      expect(error).toMatchObject({ field })
    }
  })

  it('may hold a token called __proto__, which is a token like any other', () => {
    const json = changed((it) => {
      it.model.vocab['__pro'] = trained.vocabSize
    })
    const tokenizer = Tokenizer.fromJson(JSON.parse(JSON.stringify(json).replace('"__pro"', '"__proto__"')))
    expect(tokenizer.tokenToId('__proto__')).toBe(trained.vocabSize)
    expect(JSON.parse(JSON.stringify(tokenizer.toJson())).model.vocab).toHaveProperty(['__proto__'], trained.vocabSize)
    expect(tokenizer.tokenToId('constructor')).toBeUndefined()
  })

  it('never gives another error, whichever of 20,000 mutations it has', () => {
    const random = seeded(7)
    let accepted = 0
    for (let i = 0; i < 20_000; i++) {
      const mutated = mutate(file(), random)
      try {
        const tokenizer = Tokenizer.fromJson(mutated)
        accepted++
        if (accepted % 50 === 0)
          expect(tokenizer.decode(tokenizer.encode('猫 cat', { special: true }), { special: true })).toContain('cat')
      } catch (error) {
        if (!(error instanceof TokenizerError)) throw error
      }
    }
    expect(accepted).toBeGreaterThan(100)
    expect(accepted).toBeLessThan(19_000)
  }, 120_000)
})

describe('open', () => {
  it('reads the folder, and refuses what is not JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dotline-tokenizer-'))
    try {
      await writeFile(join(folder, 'tokenizer.json'), text)
      const opened = await Tokenizer.open(folder)
      expect([...opened.encode(sample)]).toEqual([...trained.encode(sample)])
      await writeFile(join(folder, 'tokenizer.json'), text.slice(0, -9))
      await expect(Tokenizer.open(folder)).rejects.toThrow(TokenizerError)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Walks to a random place and puts a random value there, or takes it away. */
function mutate(json: object, random: (below: number) => number): object {
  const values = [
    null,
    true,
    -1,
    0,
    5,
    1e9,
    2 ** 53,
    0.5,
    '',
    'a',
    '日',
    '__proto__',
    [],
    {},
    [[]],
    ['a', 'b'],
    { type: 'Sequence' },
    { id: 4 },
  ]
  let place = json as Record<string, unknown>
  while (true) {
    const keys = Object.keys(place)
    const key = keys[random(keys.length)]
    const child = place[key]
    if (typeof child === 'object' && child !== null && Object.keys(child).length > 0 && random(5) > 0) {
      place = child as Record<string, unknown>
      continue
    }
    if (random(4) === 0) delete place[key]
    else place[key] = values[random(values.length)]
    return json
  }
}
