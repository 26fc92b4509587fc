/** Texts that tokenizers and chat templates are compared on. */
import fc from 'fast-check'
import type { ChatMessage } from '#model/chat'

/** First and last code point of the blocks of a script, or of signs. */
const blocks: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0xa0, 0x24f],
  [0x300, 0x36f],
  [0x370, 0x3ff],
  [0x400, 0x4ff],
  [0x531, 0x589],
  [0x5d0, 0x5ea],
  [0x600, 0x6ff],
  [0x900, 0x97f],
  // Not to U+09FE: the NFC of the tokenizers library is of a Unicode before it was a combining mark.
  [0x980, 0x9fd],
  [0xb82, 0xbfa],
  [0xe01, 0xe5b],
  [0xf00, 0xf6c],
  [0x10a0, 0x10ff],
  [0x1200, 0x137c],
  [0x13a0, 0x13fd],
  [0x1780, 0x17f9],
  [0x1820, 0x18aa],
  [0x1e00, 0x1fff],
  [0x2000, 0x206f],
  [0x20a0, 0x20bf],
  [0x2150, 0x22ff],
  [0x2500, 0x27bf],
  [0x3001, 0x30ff],
  [0x4e00, 0x9fef],
  [0xac00, 0xd7a3],
  [0xf900, 0xfa6d],
  [0xfb50, 0xfbb1],
  [0xff01, 0xffee],
  [0x10330, 0x1034a],
  [0x12000, 0x12399],
  [0x1d400, 0x1d7ff],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x2a6d6],
]

const lookAlikes = [
  ...['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|pad|>'],
  ...[
    '<|im_',
    'end|>',
    '<|im_end|',
    '<|im_end |>',
    '<|IM_END|>',
    '<<|im_start|>>',
    '<|im_start|>user\n',
    '</s>',
    '[INST]',
  ],
]

const phrases = [
  ...["'s", "'LL", "n't", 'ſ', 'K', 'the ', ' quick', '42', '3.14', '٣', '½', ' ', '   ', '\n', '\r\n', '\t', '\n\n  '],
  ...['\u0000', '\u0085', '\u00a0', '\u200b', '\u200d', '\u2028', '\u3000', '\ufeff', '\ufffd', '\u{10ffff}', '\ud800'],
  ...[
    'e\u0301',
    'é',
    '👨‍👩‍👧',
    '👋🏽',
    '🇨🇳',
    '你好，',
    '点线',
    '中华人民共和国',
    'こんにちは',
    '안녕',
    'const x = [];\n',
    'https://a.b/c?d=e',
  ],
]

const anyCharacter = fc
  .constantFrom(...blocks)
  .chain(([first, last]) => fc.integer({ min: first, max: last }))
  .map((code) => String.fromCodePoint(code))
const word = fc
  .constantFrom(...blocks)
  .chain(([first, last]) => fc.array(fc.integer({ min: first, max: last }), { minLength: 1, maxLength: 12 }))
  .map((codes) => String.fromCodePoint(...codes))
const part = fc.oneof(anyCharacter, word, fc.constantFrom(...phrases), fc.constantFrom(...lookAlikes))

const text = fc.oneof(
  fc.array(part, { maxLength: 24 }).map((parts) => parts.join('')),
  fc.array(word, { maxLength: 16 }).map((words) => words.join(' ')),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

/** Always the same random texts of all scripts, emoji, control characters, lone surrogates and almost-special tokens. */
export const randomTexts = (count: number): string[] => fc.sample(text, { numRuns: count, seed: 20_261_124 })

const content = fc.oneof(
  text,
  fc.constantFrom('', ' ', '\n', ' indented', 'trailing  \n', '{{ x }}', '{% if %}', "it's"),
)
const messages = fc
  .tuple(
    fc.option(fc.constantFrom('system' as const, 'developer' as const)),
    content,
    fc.array(fc.tuple(content, content), { minLength: 1, maxLength: 4 }),
    fc.option(content),
  )
  .map(([first, instruction, turns, tool]): ChatMessage[] => [
    ...(first === null ? [] : [{ role: first, content: instruction }]),
    ...turns.flatMap(([asked, answered]): ChatMessage[] => [
      { role: 'user', content: asked },
      { role: 'assistant', content: answered },
    ]),
    ...(tool === null ? [] : [{ role: 'tool' as const, content: tool }]),
  ])

/** Conversations of every role, with contents that try a template. */
export const randomConversations = (count: number): ChatMessage[][] =>
  fc.sample(messages, { numRuns: count, seed: 20_261_124 })

/** Whether a text holds what a tokenizer takes for a special token. */
export const holdsSpecial = (text: string, special: ReadonlyMap<string, number>): boolean =>
  [...special.keys()].some((token) => text.includes(token))
