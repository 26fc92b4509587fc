/** Byte-level BPE: text to token ids and back, in the file format of Hugging Face's `tokenizer.json`. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { AddedTokenFinder } from './tokenizer/added-tokens.ts'
import { TokenizerError } from './tokenizer/error.ts'
import { type AddedToken, readTokenizerFile, type TokenizerParts, writeTokenizerFile } from './tokenizer/file.ts'
import { IdList, PieceEncoder } from './tokenizer/piece-encoder.ts'
import type { Splitter } from './tokenizer/split.ts'

export { TokenizerError }

/** Largest tokenizer.json that is read, in bytes; the largest published ones are near 35 MB. */
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** Added tokens that steer a model: flagged special, or shaped like a mark (`<think>`, `[INST]`). */
const isControl = (token: AddedToken) => token.special || /^<.*>$|^\[.*\]$/s.test(token.content)

interface Finders {
  /** Looked for in the text as given, and after normalization. */
  raw: AddedTokenFinder
  normalized: AddedTokenFinder
}

export class Tokenizer {
  /** Number of ids, special tokens included; ids are 0 to vocabSize - 1. */
  readonly vocabSize: number
  /** Content and id of each control token. Text never turns into these unless `special: true` asks for it. */
  readonly specialTokens: ReadonlyMap<string, number>
  private readonly parts: TokenizerParts
  /** Made when first needed: reading a file only to look at its vocabulary should cost little. */
  private pieceEncoder: PieceEncoder | undefined
  private readonly plainFinders: Finders
  private readonly allFinders: Finders
  private readonly isSpecial: Uint8Array

  private constructor(parts: TokenizerParts) {
    this.parts = parts
    this.vocabSize = parts.tokens.length
    const control = parts.added.filter(isControl)
    this.specialTokens = new Map(control.map((token) => [token.content, token.id]))
    this.isSpecial = new Uint8Array(this.vocabSize)
    for (const token of control) this.isSpecial[token.id] = 1
    this.plainFinders = this.findersOf(parts.added.filter((token) => !isControl(token)))
    this.allFinders = this.findersOf(parts.added)
  }

  /**
   * Reads a parsed `tokenizer.json` (byte-level BPE: GPT-2, Llama 3, Qwen2 and the like). The input is not trusted.
   * @throws TokenizerError that names the field that is malformed or not supported.
   */
  static fromJson(json: unknown): Tokenizer {
    return new Tokenizer(readTokenizerFile(json))
  }

  /** Reads `tokenizer.json` in a model's folder. */
  static async open(folder: string): Promise<Tokenizer> {
    const path = join(folder, 'tokenizer.json')
    const file = await open(path)
    try {
      const { size } = await file.stat()
      if (size > MAX_FILE_BYTES)
        throw new TokenizerError(path, `${size} bytes, more than the limit of ${MAX_FILE_BYTES}`)
      return Tokenizer.fromJson(parseJson(await file.readFile('utf8'), path))
    } finally {
      await file.close()
    }
  }

  /** The tokenizer as the object that a `tokenizer.json` holds. */
  toJson(): object {
    return writeTokenizerFile(this.parts)
  }

  /** The same tokenizer, which brings text into a Unicode normal form first, and makes capitals small where it is asked to. */
  normalizing(form: 'NFC', lowercase = this.parts.lowercase): Tokenizer {
    if (this.parts.normalForm === form && this.parts.lowercase === lowercase) return this
    const normalizers = [{ type: form }, { type: 'Lowercase' }]
    const normalizer = lowercase ? { type: 'Sequence', normalizers } : normalizers[0]
    return new Tokenizer(readTokenizerFile({ ...this.toJson(), normalizer }))
  }

  /**
   * Text to ids. Lone surrogates count as U+FFFD. What looks like a control token stays plain text; with
   * `special: true` it becomes the token, so give that only text you wrote yourself.
   */
  encode(text: string, options: { special?: boolean } = {}): Uint32Array {
    const out = new IdList((text.length >> 1) + 16)
    const { raw, normalized } = options.special === true ? this.allFinders : this.plainFinders
    const token = (id: number) => out.push(id)
    const plain = (part: string) => this.encodePlain(part, out)
    raw.split(text, (part) => normalized.split(this.normal(part), plain, token), token)
    return out.ids.slice(0, out.length)
  }

  /** Ids to text; bytes that are not UTF-8 become U+FFFD. Control tokens are left out unless `special: true`. */
  decode(ids: ArrayLike<number>, options: { special?: boolean } = {}): string {
    let length = 0
    for (let i = 0; i < ids.length; i++) length += this.tokenBytes(ids[i]).length
    const bytes = new Uint8Array(length)
    let at = 0
    for (let i = 0; i < ids.length; i++) {
      if (this.isSpecial[ids[i]] === 1 && options.special !== true) continue
      const token = this.parts.bytes[ids[i]]
      bytes.set(token, at)
      at += token.length
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, at))
  }

  /** The bytes that one token stands for (a control token's content in UTF-8). Not to be written to. */
  tokenBytes(id: number): Uint8Array {
    const bytes = this.parts.bytes[id]
    if (bytes === undefined) throw new TokenizerError('id', `${id} is not from 0 to ${this.vocabSize - 1}`)
    return bytes
  }

  /** The id of a token as the file writes it (`Ġthe`, `<|im_end|>`). */
  tokenToId(token: string): number | undefined {
    return this.parts.tokenToId.get(token)
  }

  private normal(text: string): string {
    const { normalForm, lowercase } = this.parts
    const formed = normalForm === undefined ? text : text.normalize(normalForm)
    return lowercase ? formed.toLowerCase() : formed
  }

  private findersOf(tokens: AddedToken[]): Finders {
    const finder = (some: AddedToken[], text: (content: string) => string) =>
      new AddedTokenFinder(some.map((token) => [text(token.content), token.id] as const))
    return {
      raw: finder(
        tokens.filter((token) => !token.normalized),
        (content) => content,
      ),
      normalized: finder(
        tokens.filter((token) => token.normalized),
        (content) => this.normal(content),
      ),
    }
  }

  private encodePlain(text: string, out: IdList): void {
    const { splitters, prefixSpace } = this.parts.pieces
    const whole = prefixSpace && !text.startsWith(' ') ? ` ${text}` : text
    this.pieceEncoder ??= new PieceEncoder(this.parts)
    encodePieces(whole, splitters, 0, this.pieceEncoder, out)
  }
}

/** What conversations and prompts need of a tokenizer, whoever encodes. */
export type TokenCodec = Pick<Tokenizer, 'vocabSize' | 'specialTokens' | 'encode' | 'decode' | 'tokenBytes'>

/** Cuts by each splitter in turn, the later ones inside the pieces of the earlier, and encodes what is left. */
function encodePieces(text: string, splitters: Splitter[], level: number, encoder: PieceEncoder, out: IdList): void {
  if (level === splitters.length) {
    encoder.encode(text, 0, text.length, out)
    return
  }
  const split = splitters[level]
  const last = level === splitters.length - 1
  for (let start = 0; start < text.length; ) {
    const end = split(text, start)
    if (last) encoder.encode(text, start, end, out)
    else encodePieces(text.slice(start, end), splitters, level + 1, encoder, out)
    start = end
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TokenizerError(path, `is not JSON (${(error as Error).message})`)
  }
}
