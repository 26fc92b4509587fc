/**
 * `tokenizer.json` in and out. What is read is untrusted: every size, id and merge is checked, and a component that
 * this tokenizer does not implement is refused by name rather than approximated.
 */
import { tokenToBytes } from './alphabet.ts'
import { TokenizerError } from './error.ts'
import { asObject, type Json, own } from './json.ts'
import { type Pieces, readPreTokenizer } from './pre-tokenizer.ts'

const MAX_TOKENS = 1_000_000
const MAX_MERGES = 2_000_000
const MAX_TOKEN_LENGTH = 4096
const MAX_ADDED_TOKENS = 20_000

export interface AddedToken {
  id: number
  content: string
  /** A control token by its flag. */
  special: boolean
  /** Looked for after normalization rather than before. */
  normalized: boolean
}

/** A tokenizer as its file describes it. */
export interface TokenizerParts {
  /** Bytes of each id; an added token's are its UTF-8. */
  bytes: Uint8Array[]
  /** Text of each id as the file has it. */
  tokens: string[]
  tokenToId: Map<string, number>
  /** Ids of each merge, in order of rank. */
  left: Int32Array
  right: Int32Array
  merged: Int32Array
  ignoreMerges: boolean
  added: AddedToken[]
  normalForm: 'NFC' | 'NFD' | 'NFKC' | 'NFKD' | undefined
  /** Afterwards, capitals are made small. */
  lowercase: boolean
  pieces: Pieces
  /** Components kept as they were read, for writing. */
  components: { normalizer: unknown; preTokenizer: unknown; postProcessor: unknown; decoder: unknown }
}

const isNothing = (value: unknown) => value === undefined || value === null

/** Reads and checks a parsed tokenizer.json. */
export function readTokenizerFile(json: unknown): TokenizerParts {
  const file = asObject(json, 'file')
  const model = asObject(own(file, 'model'), 'model')
  checkModel(model)
  const { normalForm, lowercase } = readNormalizer(own(file, 'normalizer'))
  const pieces = readPreTokenizer(own(file, 'pre_tokenizer'))
  checkPostProcessor(own(file, 'post_processor'), 'post_processor')
  checkDecoder(own(file, 'decoder'))
  const added = readAddedTokens(own(file, 'added_tokens'), normalForm !== undefined || lowercase)
  const { tokens, tokenToId } = readVocabulary(own(model, 'vocab'), added)
  const bytes = readBytes(tokens, added)
  const merges = readMerges(own(model, 'merges'), tokenToId)
  return {
    bytes,
    tokens,
    tokenToId,
    ...merges,
    ignoreMerges: own(model, 'ignore_merges') === true,
    added,
    normalForm,
    lowercase,
    pieces,
    components: {
      normalizer: own(file, 'normalizer') ?? null,
      preTokenizer: own(file, 'pre_tokenizer'),
      postProcessor: own(file, 'post_processor') ?? null,
      decoder: own(file, 'decoder') ?? { type: 'ByteLevel' },
    },
  }
}

function checkModel(model: Json): void {
  const kind = own(model, 'type') ?? 'BPE'
  if (kind !== 'BPE') throw new TokenizerError('model.type', `${String(kind)} is not supported, only byte-level BPE is`)
  for (const field of ['continuing_subword_prefix', 'end_of_word_suffix']) {
    const value = own(model, field)
    if (!isNothing(value) && value !== '') throw new TokenizerError(`model.${field}`, 'is not supported, must be empty')
  }
  if (own(model, 'byte_fallback') === true) throw new TokenizerError('model.byte_fallback', 'is not supported')
  if ((own(model, 'dropout') ?? 0) !== 0) throw new TokenizerError('model.dropout', 'is not supported, must be 0')
}

type Normalizer = Pick<TokenizerParts, 'normalForm' | 'lowercase'>

function readNormalizer(value: unknown): Normalizer {
  if (isNothing(value)) return { normalForm: undefined, lowercase: false }
  const normalizer = asObject(value, 'normalizer')
  const kind = own(normalizer, 'type')
  if (kind === 'NFC' || kind === 'NFD' || kind === 'NFKC' || kind === 'NFKD')
    return { normalForm: kind, lowercase: false }
  if (kind === 'Lowercase') return { normalForm: undefined, lowercase: true }
  const parts = kind === 'Sequence' ? own(normalizer, 'normalizers') : undefined
  if (Array.isArray(parts) && parts.length <= 2 && parts.every((part) => !isSequence(part))) {
    const [first, second] = parts.map(readNormalizer)
    if (second === undefined) return first ?? readNormalizer(null)
    if (!first.lowercase && second.lowercase) return { ...first, lowercase: true }
  }
  const problem = 'is not supported, only a Unicode normal form is, or Lowercase, or the one and then the other'
  throw new TokenizerError('normalizer', `${String(kind)} ${problem}`)
}

const isSequence = (part: unknown) => own(asObject(part, 'normalizer'), 'type') === 'Sequence'

/** Post-processors only add tokens around a whole sequence, which callers of encode do themselves. */
function checkPostProcessor(value: unknown, field: string): void {
  if (isNothing(value)) return
  const processor = asObject(value, field)
  const kind = own(processor, 'type')
  if (kind === 'ByteLevel' || kind === 'TemplateProcessing') return
  const parts = own(processor, 'processors')
  if (kind === 'Sequence' && Array.isArray(parts) && parts.length <= 16 && field.length < 80) {
    parts.forEach((part, i) => checkPostProcessor(part, `${field}.processors[${i}]`))
    return
  }
  throw new TokenizerError(field, `${String(kind)} is not supported`)
}

function checkDecoder(value: unknown): void {
  if (isNothing(value)) return
  const kind = own(asObject(value, 'decoder'), 'type')
  if (kind !== 'ByteLevel') throw new TokenizerError('decoder', `${String(kind)} is not supported, only ByteLevel is`)
}

function readAddedTokens(value: unknown, normalizes: boolean): AddedToken[] {
  if (isNothing(value)) return []
  if (!Array.isArray(value)) throw new TokenizerError('added_tokens', 'must be a list')
  if (value.length > MAX_ADDED_TOKENS) throw new TokenizerError('added_tokens', `more than ${MAX_ADDED_TOKENS} entries`)
  return value.map((entry, i) => {
    const field = `added_tokens[${i}]`
    const token = asObject(entry, field)
    for (const flag of ['single_word', 'lstrip', 'rstrip']) {
      if (own(token, flag) === true) throw new TokenizerError(`${field}.${flag}`, 'is not supported, must be false')
    }
    const special = own(token, 'special') === true
    return {
      id: readId(own(token, 'id'), `${field}.id`),
      content: readTokenText(own(token, 'content'), `${field}.content`),
      special,
      normalized: normalizes && (own(token, 'normalized') ?? !special) === true,
    }
  })
}

function readId(value: unknown, field: string): number {
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) >= MAX_TOKENS) {
    throw new TokenizerError(field, `must be an integer from 0 to ${MAX_TOKENS - 1}`)
  }
  return value as number
}

function readTokenText(value: unknown, field: string): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_TOKEN_LENGTH) {
    throw new TokenizerError(field, `must be a string of 1 to ${MAX_TOKEN_LENGTH} characters`)
  }
  return value
}

function readVocabulary(value: unknown, added: AddedToken[]): { tokens: string[]; tokenToId: Map<string, number> } {
  const entries = Object.entries(asObject(value, 'model.vocab'))
  if (entries.length > MAX_TOKENS) throw new TokenizerError('model.vocab', `more than ${MAX_TOKENS} tokens`)
  const tokenToId = new Map<string, number>()
  const byId = new Map<number, string>()
  const insert = (text: string, id: number, field: string) => {
    const held = byId.get(id)
    const other = tokenToId.get(text)
    if (held !== undefined && held !== text) throw new TokenizerError(field, `id ${id} has two tokens`)
    if (other !== undefined && other !== id)
      throw new TokenizerError(field, `ids ${other} and ${id} are the same token`)
    byId.set(id, text)
    tokenToId.set(text, id)
  }
  for (const [text, id] of entries) {
    insert(readTokenText(text, 'model.vocab key'), readId(id, 'model.vocab id'), 'model.vocab')
  }
  added.forEach((token, i) => insert(token.content, token.id, `added_tokens[${i}]`))
  const tokens = Array.from({ length: byId.size }, (_, id) => {
    const text = byId.get(id)
    if (text === undefined)
      throw new TokenizerError('model.vocab', `ids must be dense, ${id} of ${byId.size} is missing`)
    return text
  })
  return { tokens, tokenToId }
}

function readBytes(tokens: string[], added: AddedToken[]): Uint8Array[] {
  const encoder = new TextEncoder()
  const addedIds = new Set(added.map((token) => token.id))
  const seen = new Uint8Array(256)
  const all = tokens.map((text, id) => {
    if (addedIds.has(id)) return encoder.encode(text)
    const bytes = tokenToBytes(text)
    if (bytes === undefined) throw new TokenizerError('model.vocab', `token ${id} is not in the byte-level alphabet`)
    if (bytes.length === 1) seen[bytes[0]] = 1
    return bytes
  })
  const missing = seen.indexOf(0)
  if (missing >= 0) throw new TokenizerError('model.vocab', `has no token for byte ${missing}, so some text has no ids`)
  return all
}

function readMerges(value: unknown, ids: Map<string, number>): Pick<TokenizerParts, 'left' | 'right' | 'merged'> {
  if (!Array.isArray(value)) throw new TokenizerError('model.merges', 'must be a list')
  if (value.length > MAX_MERGES) throw new TokenizerError('model.merges', `more than ${MAX_MERGES} entries`)
  const left = new Int32Array(value.length)
  const right = new Int32Array(value.length)
  const merged = new Int32Array(value.length)
  value.forEach((entry: unknown, i) => {
    const pair = typeof entry === 'string' ? entry.split(' ') : entry
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string' || typeof pair[1] !== 'string') {
      throw new TokenizerError(`model.merges[${i}]`, 'must be "left right" or [left, right]')
    }
    const found = [ids.get(pair[0]), ids.get(pair[1]), ids.get(pair[0] + pair[1])]
    const [a, b, ab] = found
    if (a === undefined || b === undefined || ab === undefined) {
      throw new TokenizerError(`model.merges[${i}]`, 'names a token that is not in the vocabulary')
    }
    left[i] = a
    right[i] = b
    merged[i] = ab
  })
  return { left, right, merged }
}

/** The parts as a JSON object in the Hugging Face layout. */
export function writeTokenizerFile(parts: TokenizerParts): object {
  // Without a prototype, since a token may be called __proto__.
  const vocab: Record<string, number> = Object.create(null)
  const addedIds = new Set(parts.added.map((token) => token.id))
  parts.tokens.forEach((text, id) => {
    if (!addedIds.has(id)) vocab[text] = id
  })
  const { normalizer, preTokenizer, postProcessor, decoder } = parts.components
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: parts.added.map(({ id, content, special, normalized }) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized,
      special,
    })),
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: postProcessor,
    decoder,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: parts.ignoreMerges,
      vocab,
      merges: Array.from(parts.left, (left, i) => [parts.tokens[left], parts.tokens[parts.right[i]]]),
    },
  }
}
