/** The tokens of a GGUF file. llama.cpp encodes, whatever kind of tokenizer it is; what a token stands for is read from the file. */

import { tokenKinds } from '../gguf/format.ts'
import { type GgufHeader, textOf } from '../gguf.ts'
import { tokenToBytes } from '../tokenizer/alphabet.ts'
import type { TokenCodec } from '../tokenizer.ts'

const encoder = new TextEncoder()
const isMark = (text: string) => /^<.*>$|^\[.*\]$/s.test(text)

export class LlamaTokens implements TokenCodec {
  readonly vocabSize: number
  readonly specialTokens: ReadonlyMap<string, number>
  private readonly bytes: readonly Uint8Array[]
  private readonly isSpecial: ReadonlySet<number>
  private readonly tokenize: (text: string) => Uint32Array

  constructor(metadata: GgufHeader['metadata'], tokenize: (text: string) => Uint32Array) {
    const texts = listOf(metadata.get('tokenizer.ggml.tokens'), 'string') as readonly string[]
    const given = metadata.get('tokenizer.ggml.token_type')
    const kinds = given instanceof Float64Array ? given : new Float64Array(texts.length).fill(tokenKinds.normal)
    const bpe = textOf(metadata, 'tokenizer.ggml.model') === 'gpt2'
    this.tokenize = tokenize
    this.vocabSize = texts.length
    this.bytes = texts.map((text, id) => bytesOf(text, kinds[id], bpe))
    this.specialTokens = new Map(
      texts.flatMap((text, id) => {
        const { control, userDefined } = tokenKinds
        return kinds[id] === control || (kinds[id] === userDefined && isMark(text)) ? [[text, id] as const] : []
      }),
    )
    this.isSpecial = new Set(this.specialTokens.values())
  }

  encode(text: string): Uint32Array {
    return text === '' ? new Uint32Array(0) : this.tokenize(text.toWellFormed())
  }

  decode(ids: ArrayLike<number>): string {
    const shown = Array.from(ids).filter((id) => !this.isSpecial.has(id))
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(shown.map((id) => this.tokenBytes(id))))
  }

  tokenBytes(id: number): Uint8Array {
    const bytes = this.bytes.at(id)
    if (bytes === undefined || id < 0) throw new RangeError(`token ${id} is not from 0 to ${this.vocabSize - 1}`)
    return bytes
  }
}

function listOf(value: unknown, type: 'string'): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === type)) return value
  throw new RangeError('the file holds no list of tokens')
}

function bytesOf(text: string, kind: number, bpe: boolean): Uint8Array {
  if (kind !== tokenKinds.normal && kind !== tokenKinds.byte) return encoder.encode(text)
  const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(text)
  if (kind === tokenKinds.byte && byte !== null) return Uint8Array.of(Number.parseInt(byte[1], 16))
  // SentencePiece writes a space as a low line of its own.
  return (bpe ? tokenToBytes(text) : undefined) ?? encoder.encode(bpe ? text : text.replaceAll('\u2581', ' '))
}
