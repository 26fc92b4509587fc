/** A tokenizer as llama.cpp reads it: tokens, their kinds, merges, and the name of the pattern that cuts a text first. */
import { TokenizerError } from '../tokenizer/error.ts'
import { gpt2Pattern, llama3Pattern, qwen2Pattern } from '../tokenizer/split.ts'
import { GgufError } from './error.ts'
import { tokenKinds } from './format.ts'
import type { Entry } from './write.ts'

/**
 * llama.cpp knows patterns by name alone. These are the three that our tokenizers can have, letter for letter, but for
 * `(?i:...)`, which it spells out in ASCII: it does not take U+017F (ſ) for an s, and neither do we.
 */
const patternNames: ReadonlyMap<string, string> = new Map([
  [qwen2Pattern, 'qwen2'],
  [llama3Pattern, 'llama-bpe'],
  [gpt2Pattern, 'gpt-2'],
])

/** The parts of a tokenizer.json that `Tokenizer` has checked. */
export interface TokenizerFile {
  added_tokens: readonly { id: number; content: string; special: boolean }[]
  pre_tokenizer: Component
  model: {
    vocab: Readonly<Record<string, number>>
    merges: readonly (readonly [string, string])[]
    ignore_merges: boolean
  }
}
interface Component {
  type: string
  pretokenizers?: readonly Component[]
  pattern?: { Regex?: string }
  use_regex?: boolean
  add_prefix_space?: boolean
}

/** @throws GgufError where llama.cpp would cut texts in another way */
export function vocabularyEntries(json: TokenizerFile, rows: number, file: string): [string, Entry][] {
  const { tokens, kinds } = tokensOf(json, rows)
  return [
    ['tokenizer.ggml.model', { kind: 'string', value: 'gpt2' }],
    ['tokenizer.ggml.pre', { kind: 'string', value: patternName(json, file) }],
    ['tokenizer.ggml.tokens', { kind: 'strings', value: tokens }],
    ['tokenizer.ggml.token_type', { kind: 'i32s', value: kinds }],
    ['tokenizer.ggml.merges', { kind: 'strings', value: json.model.merges.map((pair) => pair.join(' ')) }],
  ]
}

function patternName({ pre_tokenizer: root, model }: TokenizerFile, file: string): string {
  const parts = root.pretokenizers ?? [root]
  const refuse = (what: string): never => {
    throw new GgufError(file, 'pre_tokenizer', `${what}: llama.cpp has no name for it, and would cut texts differently`)
  }
  const bytes = parts.at(-1)
  if (bytes?.add_prefix_space === true) refuse('a space before each text')
  const patterns = parts.flatMap(({ type, pattern, use_regex }) => {
    if (type === 'Split') return [pattern?.Regex ?? refuse('a split without a pattern')]
    if (type === 'ByteLevel') return use_regex === false ? [] : [gpt2Pattern]
    return refuse(type)
  })
  const name = patterns.length === 1 ? patternNames.get(patterns[0]) : undefined
  // For this one name alone llama.cpp takes a piece that is a token whole, without merging.
  if (model.ignore_merges !== (name === 'llama-bpe')) refuse(`ignore_merges ${model.ignore_merges} with ${name}`)
  return name ?? refuse(`${patterns.length} patterns`)
}

function tokensOf({ added_tokens: added, model }: TokenizerFile, rows: number): { tokens: string[]; kinds: number[] } {
  // Rows of the embedding beyond the vocabulary, which some models have, need names that no text spells.
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`)
  const kinds: number[] = Array(rows).fill(tokenKinds.unused)
  const put = (id: number, text: string, kind: number) => {
    if (id >= rows) throw new TokenizerError('vocab', `token ${id} has no row among the model's ${rows}`)
    tokens[id] = text
    kinds[id] = kind
  }
  for (const [text, id] of Object.entries(model.vocab)) put(id, text, tokenKinds.normal)
  for (const { id, content, special } of added) put(id, content, special ? tokenKinds.control : tokenKinds.userDefined)
  return { tokens, kinds }
}
