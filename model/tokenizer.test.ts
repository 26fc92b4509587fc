import { Tokenizer as PeerTokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from '#model/tokenizer'
import { trainTokenizer } from '#model/tokenizer-training'
import { gpt2Pattern, llama3Pattern, qwen2Pattern, splitters } from './tokenizer/split.ts'

const specialTokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']

const corpus = [
  "The quick brown fox jumps over the lazy dog. It's what they'll say, isn't it? I'VE SEEN 1234 of them.\n\n  for (let i = 0; i < 10; i++) {\n\treturn \"ok\"\n  }\n",
  '中华人民共和国成立了。他们说：“今天天气很好，我们去公园吧！”中华人民共和国公民在法律面前一律平等。\r\n第一章　总则\n',
  'Привет, мир! Γειά σου Κόσμε. مرحبا بالعالم こんにちは世界 안녕하세요 세계 👋🏽👨‍👩‍👧‍👦 café café ½ ٣٤٥\n',
].map((text) => text.repeat(3))

const tokenizer = trainTokenizer(corpus, { vocabSize: 700, specialTokens })
// Without its added tokens the peer treats their look-alikes as text, which is what encode does by default.
const peerOf = (json: object, added: boolean) => new PeerTokenizer(added ? json : { ...json, added_tokens: [] }, {})
const peerPlain = peerOf(tokenizer.toJson(), false)
const peerSpecial = peerOf(tokenizer.toJson(), true)
const peerIds = (peer: PeerTokenizer, text: string) => peer.encode(text, { add_special_tokens: false }).ids

const fragments = [
  ...specialTokens,
  '<|im_',
  'end|>',
  '<|im_end|',
  "'s",
  "'S",
  "'LL",
  "'re",
  "n't",
  ' ',
  '  ',
  '\n',
  '\r\n',
  '\t',
  '\u00a0',
  '\u3000',
  '\u0085',
  '\ufeff',
  '\u200b',
  '0',
  '42',
  '٣',
  '½',
  '中',
  '华人民',
  '，',
  '。',
  'the',
  ' quick',
  'ſ',
  'K',
  '\ud800',
  '\udc00',
  '😀',
  '👨‍👩‍👧',
  '𠀀',
  '𝟘',
  '𐐷',
  'é',
  'e\u0301',
  '가',
  'ก',
  '\0',
  '\x7f',
  '_',
  '-----',
  '{}',
  '\u{10ffff}',
  '\u2028',
]
const anyText = fc.oneof(
  fc.array(fc.constantFrom(...fragments), { maxLength: 30 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
)

describe('encode', () => {
  it('gives the same ids as @huggingface/tokenizers on 10,000 strings, and decodes to the same text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = tokenizer.encode(text)
        expect([...ids]).toEqual(peerIds(peerPlain, text))
        expect([...tokenizer.encode(text, { special: true })]).toEqual(peerIds(peerSpecial, text))
        expect(tokenizer.decode(ids)).toBe(text.toWellFormed())
      }),
      { numRuns: 10_000 },
    )
  }, 60_000)

  it('keeps look-alikes of special tokens as text unless asked', () => {
    const end = tokenizer.specialTokens.get('<|im_end|>')
    expect([...tokenizer.encode('a<|im_end|>')]).not.toContain(end)
    expect([...tokenizer.encode('a<|im_end|>', { special: true })]).toContain(end)
    expect(tokenizer.decode(tokenizer.encode('a<|im_end|>b', { special: true }))).toBe('ab')
    expect(tokenizer.decode(tokenizer.encode('a<|im_end|>b', { special: true }), { special: true })).toBe(
      'a<|im_end|>b',
    )
  })

  it('merges a long run of Han without a break in time that grows with its length', () => {
    const text = '中华人民共和国成立了今天天气很好我们去公园吧'.repeat(20_000)
    const before = process.cpuUsage()
    const ids = tokenizer.encode(text)
    // Half a second is usual; a scan for each merge would take an hour.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(5)
    expect(tokenizer.decode(ids)).toBe(text)
    const piece = text.slice(0, 400)
    expect([...tokenizer.encode(piece)]).toEqual(peerIds(peerPlain, piece))
  })
})

describe('the scanners', () => {
  const asRegExp = (pattern: string) =>
    new RegExp(
      pattern
        .replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)", "'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])")
        .replaceAll('\\s', '\\p{White_Space}')
        .replaceAll('\\S', '\\P{White_Space}'),
      'gu',
    )
  it.each([gpt2Pattern, llama3Pattern, qwen2Pattern])(
    'cut as the regular expression does: %s',
    (pattern) => {
      const split = splitters.get(pattern)
      if (split === undefined) throw new Error('no scanner')
      const regExp = asRegExp(pattern)
      fc.assert(
        fc.property(anyText, (text) => {
          const pieces: string[] = []
          for (let start = 0, end = 0; start < text.length; start = end) {
            end = split(text, start)
            pieces.push(text.slice(start, end))
          }
          expect(pieces).toEqual(text.match(regExp) ?? [])
        }),
        { numRuns: 3000 },
      )
    },
    60_000,
  )
})

describe('toJson and fromJson', () => {
  it('give the same tokenizer back', () => {
    const again = Tokenizer.fromJson(JSON.parse(JSON.stringify(tokenizer.toJson())))
    expect(again.vocabSize).toBe(tokenizer.vocabSize)
    expect([...again.specialTokens]).toEqual([...tokenizer.specialTokens])
    for (const text of corpus) expect([...again.encode(text)]).toEqual([...tokenizer.encode(text)])
  })
})
