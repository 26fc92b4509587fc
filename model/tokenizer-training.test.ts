import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenizerError } from '#model/tokenizer'
import { characterTokenizer, trainTokenizer } from '#model/tokenizer-training'
import { splitQwen2 } from './tokenizer/split.ts'

/** Byte-pair encoding as it is written in a textbook: count all pairs anew for each merge. */
function plainMerges(texts: string[], wanted: number): [number, number][] {
  const words = new Map<string, { ids: number[]; count: number }>()
  for (const text of texts) {
    for (let start = 0, end = 0; start < text.length; start = end) {
      end = splitQwen2(text, start)
      const word = text.slice(start, end)
      const entry = words.get(word) ?? { ids: [...new TextEncoder().encode(word)], count: 0 }
      entry.count++
      words.set(word, entry)
    }
  }
  const merges: [number, number][] = []
  const tokens = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
  while (tokens.length < 256 + wanted) {
    const counts = new Map<string, number>()
    for (const { ids, count } of words.values()) {
      for (let i = 0; i + 1 < ids.length; i++) {
        const key = `${ids[i]},${ids[i + 1]}`
        counts.set(key, (counts.get(key) ?? 0) + count)
      }
    }
    const pairs = [...counts].map(([key, count]) => ({ pair: key.split(',').map(Number) as [number, number], count }))
    pairs.sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
    if (pairs.length === 0 || pairs[0].count < 2) break
    const [left, right] = pairs[0].pair
    const token = tokens[left] + tokens[right]
    const id = tokens.includes(token) ? tokens.indexOf(token) : tokens.push(token) - 1
    merges.push([left, right])
    for (const word of words.values()) {
      const ids: number[] = []
      for (let i = 0; i < word.ids.length; i++) {
        if (word.ids[i] === left && word.ids[i + 1] === right) {
          ids.push(id)
          i++
        } else ids.push(word.ids[i])
      }
      word.ids = ids
    }
  }
  return merges
}

interface Model {
  model: { merges: [string, string][] }
}

const mergesOf = (texts: string[], wanted: number) => {
  const tokenizer = trainTokenizer(texts, { vocabSize: 256 + wanted, specialTokens: [] })
  const { model } = tokenizer.toJson() as Model
  return model.merges.map((pair) => pair.map((token) => tokenizer.tokenToId(token)))
}

describe('trainTokenizer', () => {
  it('learns the merges that counting everything anew would, runs of one character included', () => {
    const text = fc.array(fc.constantFrom('a', 'aa', 'aaaa', 'b', 'ab', 'ba', ' ', '中', '文', '中文', '1', '\n'), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (parts) => {
        const texts = parts.map((part) => part.join(''))
        expect(mergesOf(texts, 40)).toEqual(plainMerges(texts, 40))
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('is deterministic, reports progress and puts the special tokens last', () => {
    const texts = ['the cat and the dog and the bird '.repeat(9), '我们都是中国人，我们都爱中国。'.repeat(9)]
    const progress: [number, number][] = []
    const options = { vocabSize: 290, specialTokens: ['<|a|>', '<|b|>'] }
    const tokenizer = trainTokenizer(texts, { ...options, onProgress: (done, total) => progress.push([done, total]) })
    expect(JSON.stringify(trainTokenizer(texts, options).toJson())).toBe(JSON.stringify(tokenizer.toJson()))
    expect(tokenizer.vocabSize).toBe(290)
    expect([...tokenizer.specialTokens]).toEqual([
      ['<|a|>', 288],
      ['<|b|>', 289],
    ])
    expect(progress.at(-1)).toEqual([32, 32])
    for (const text of texts) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  })

  it('stops where no pair occurs twice', () => {
    expect(trainTokenizer(['abcdef'], { vocabSize: 1000, specialTokens: [] }).vocabSize).toBe(256)
  })

  it('cuts a piece that is longer than any token should be', () => {
    const text = '长'.repeat(5000)
    const tokenizer = trainTokenizer([text], { vocabSize: 300, specialTokens: [] })
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  })

  it('refuses a vocabulary too small for the bytes', () => {
    expect(() => trainTokenizer(['a'], { vocabSize: 256, specialTokens: ['<|x|>'] })).toThrow(TokenizerError)
  })
})

describe('characterTokenizer', () => {
  it('makes every character of the texts one token, and encodes others as bytes', () => {
    const tokenizer = characterTokenizer(['First Citizen: 中文 café 😀\n'], { specialTokens: ['<|endoftext|>'] })
    const text = '😀 文中 fact é\n'
    expect(tokenizer.encode(text).length).toBe([...text].length)
    expect(tokenizer.encode('国').length).toBe(3)
    expect(tokenizer.decode(tokenizer.encode('国 text 😁'))).toBe('国 text 😁')
    expect(tokenizer.specialTokens.get('<|endoftext|>')).toBe(tokenizer.vocabSize - 1)
  })

  it('has the 256 bytes alone for ASCII', () => {
    const tokenizer = characterTokenizer(['To be, or not to be'])
    expect(tokenizer.vocabSize).toBe(256)
    expect([...tokenizer.encode('be')]).toEqual([98, 101])
  })
})
