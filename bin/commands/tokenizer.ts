import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { writeDurably } from '#data/durable'
import { readDocuments } from '#data/readers'
import { specialTokens } from '#model/chat'
import { Tokenizer } from '#model/tokenizer'
import { characterTokenizer, trainTokenizer } from '#model/tokenizer-training'
import { type Command, number, parse, UsageError } from '../command.ts'
import { chooseModel } from '../shipped-model.ts'

const help = `dotline tokenizer: train a tokenizer, encode, decode

Usage:
  dotline tokenizer train --data FILE --vocab-size 8000 --out tokenizer.json
  dotline tokenizer encode [--tokenizer PLACE] [TEXT]
  dotline tokenizer decode [--tokenizer PLACE] [ID ...]
  dotline tokenizer info   [--tokenizer PLACE]

Options:
  --tokenizer PLACE   a tokenizer.json, or a model's folder (default: the starter model's)
  --data FILE         text or JSONL, plain or gzip (train; repeatable)
  --vocab-size N      number of tokens, the 256 bytes and 7 special tokens included (train)
  --characters        one token for each character instead of learnt merges (train)
  --out FILE          where the tokenizer is written (train)
  --special           write special tokens such as <|im_end|> as what they are (encode, decode)
  --json              JSON on standard output

encode takes TEXT or standard input; decode takes IDs or standard input, separated by spaces.
Exit codes: 0 done, 1 failed, 2 wrong usage.`

const options = {
  tokenizer: { type: 'string' },
  data: { type: 'string', multiple: true },
  'vocab-size': { type: 'string' },
  characters: { type: 'boolean', default: false },
  out: { type: 'string' },
  special: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parse<typeof options>>['values']
type Action = (values: Values, rest: readonly string[]) => Promise<number>

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  const [name = '', ...rest] = positionals
  const action = new Map<string, Action>([
    ['train', trainAction],
    ['encode', encode],
    ['decode', decode],
    ['info', info],
  ]).get(name)
  if (!action) throw new UsageError('say what to do: dotline tokenizer train, encode, decode or info')
  return action(values, rest)
}

async function openTokenizer(place: string | undefined): Promise<Tokenizer> {
  if (place === undefined) return Tokenizer.open(chooseModel(undefined).folder)
  const path = resolve(place)
  if (!existsSync(path)) throw new Error(`${path} does not exist: name a tokenizer.json, or a folder that holds one`)
  if (statSync(path).isDirectory()) return Tokenizer.open(path)
  return Tokenizer.fromJson(JSON.parse(readFileSync(path, 'utf8')))
}

async function encode(values: Values, rest: readonly string[]): Promise<number> {
  const tokenizer = await openTokenizer(values.tokenizer)
  const text = rest.length > 0 ? rest.join(' ') : await standardInput('a text')
  const ids = [...tokenizer.encode(text, { special: values.special })]
  const { length: bytes } = Buffer.from(text)
  if (!values.json) console.log(ids.join(' '))
  else {
    const tokens = ids.map((id) => Buffer.from(tokenizer.tokenBytes(id)).toString('utf8'))
    console.log(JSON.stringify({ ids, tokens, bytes }))
  }
  return 0
}

async function decode(values: Values, rest: readonly string[]): Promise<number> {
  const tokenizer = await openTokenizer(values.tokenizer)
  const given = rest.length > 0 ? rest.join(' ') : await standardInput('ids')
  const ids = given.split(/[\s,]+/).filter((part) => part !== '')
  const wrong = ids.find((id) => !/^\d+$/.test(id) || Number(id) >= tokenizer.vocabSize)
  if (wrong !== undefined)
    throw new UsageError(`decode takes ids from 0 to ${tokenizer.vocabSize - 1}, not "${wrong.slice(0, 40)}"`)
  const text = tokenizer.decode(ids.map(Number), { special: values.special })
  if (values.json) console.log(JSON.stringify({ text }))
  else process.stdout.write(`${text}\n`)
  return 0
}

async function info(values: Values, rest: readonly string[]): Promise<number> {
  if (rest.length > 0) throw new UsageError(`info takes no text: "${rest[0]}"`)
  const { vocabSize, specialTokens: special } = await openTokenizer(values.tokenizer)
  if (values.json) {
    console.log(JSON.stringify({ vocabSize, specialTokens: Object.fromEntries(special) }))
    return 0
  }
  const listed = [...special].map(([token, id]) => `  ${String(id).padStart(6)}  ${token}`)
  console.log([`${vocabSize} tokens; special ones:`, ...listed].join('\n'))
  return 0
}

async function trainAction(values: Values, rest: readonly string[]): Promise<number> {
  if (rest.length > 0) throw new UsageError(`name files with --data: "${rest[0]}"`)
  const { data, out, characters } = values
  if (!data?.length) throw new UsageError('train needs --data with at least one file')
  if (out === undefined) throw new UsageError('train needs --out, the file to write')
  const least = 256 + specialTokens.length
  const vocabSize = number('vocab-size', values['vocab-size'], { min: least, max: 1_000_000, whole: true })
  if ((vocabSize === undefined) !== characters) throw new UsageError('train needs --vocab-size N, or --characters')
  const texts: string[] = []
  for (const path of data) for await (const text of textsOf(path)) texts.push(text)
  const special = [...specialTokens]
  const onProgress = (done: number, total: number) => console.error(`${done} of ${total} merges`)
  const tokenizer =
    vocabSize === undefined
      ? characterTokenizer(texts, { specialTokens: special })
      : trainTokenizer(texts, { vocabSize, specialTokens: special, onProgress: quiet(values.json, onProgress) })
  const target = resolve(out.endsWith('.json') ? out : join(out, 'tokenizer.json'))
  mkdirSync(dirname(target), { recursive: true })
  writeDurably(target, `${JSON.stringify(tokenizer.toJson())}\n`)
  if (values.json) console.log(JSON.stringify({ path: target, vocabSize: tokenizer.vocabSize }))
  else console.log(`${target}: ${tokenizer.vocabSize} tokens`)
  return 0
}

const quiet = <T>(silent: boolean, listener: T): T | undefined => (silent ? undefined : listener)

async function* textsOf(path: string): AsyncGenerator<string> {
  if (!existsSync(path)) throw new Error(`${resolve(path)} does not exist`)
  for await (const { text, messages } of readDocuments(path, { source: path, licence: 'NOASSERTION' }))
    yield text ?? messages?.map(({ content }) => content).join('\n') ?? ''
}

async function standardInput(what: string): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError(`give ${what} as an argument or on standard input`)
  return await readAll(process.stdin)
}

export const tokenizer: Command = { help, run }
