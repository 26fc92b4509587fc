import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { writeDurably } from '#data/durable'
import { readDocuments } from '#data/readers'
import { specialTokens } from '#model/chat'
import { Tokenizer } from '#model/tokenizer'
import { characterTokenizer, trainTokenizer } from '#model/tokenizer-training'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { chooseModel } from '../shipped-model.ts'

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
  if (!action) throw new UsageError(texts().usage.tokenizerAction)
  return action(values, rest)
}

async function openTokenizer(place: string | undefined): Promise<Tokenizer> {
  if (place === undefined) return Tokenizer.open(chooseModel(undefined).folder)
  const path = resolve(place)
  if (!existsSync(path)) throw new Error(texts().failure.noTokenizer(path))
  if (statSync(path).isDirectory()) return Tokenizer.open(path)
  return Tokenizer.fromJson(JSON.parse(readFileSync(path, 'utf8')))
}

async function encode(values: Values, rest: readonly string[]): Promise<number> {
  const tokenizer = await openTokenizer(values.tokenizer)
  const text = rest.length > 0 ? rest.join(' ') : await standardInput(texts().usage.noText)
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
  const given = rest.length > 0 ? rest.join(' ') : await standardInput(texts().usage.noIds)
  const ids = given.split(/[\s,]+/).filter((part) => part !== '')
  const wrong = ids.find((id) => !/^\d+$/.test(id) || Number(id) >= tokenizer.vocabSize)
  if (wrong !== undefined) throw new UsageError(texts().usage.ids(tokenizer.vocabSize - 1, wrong.slice(0, 40)))
  const text = tokenizer.decode(ids.map(Number), { special: values.special })
  if (values.json) console.log(JSON.stringify({ text }))
  else process.stdout.write(`${text}\n`)
  return 0
}

async function info(values: Values, rest: readonly string[]): Promise<number> {
  if (rest.length > 0) throw new UsageError(texts().usage.infoArgument(rest[0]))
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
  if (rest.length > 0) throw new UsageError(texts().usage.tokenizerTrainArgument(rest[0]))
  const { data, out, characters } = values
  if (!data?.length) throw new UsageError(texts().usage.tokenizerData)
  if (out === undefined) throw new UsageError(texts().usage.tokenizerOut)
  const least = 256 + specialTokens.length
  const vocabSize = number('vocab-size', values['vocab-size'], { min: least, max: 1_000_000, whole: true })
  if ((vocabSize === undefined) !== characters) throw new UsageError(texts().usage.tokenizerSize)
  const samples: string[] = []
  for (const path of data) for await (const text of textsOf(path)) samples.push(text)
  const special = [...specialTokens]
  const onProgress = (done: number, total: number) => console.error(`${done} of ${total} merges`)
  const tokenizer =
    vocabSize === undefined
      ? characterTokenizer(samples, { specialTokens: special })
      : trainTokenizer(samples, { vocabSize, specialTokens: special, onProgress: quiet(values.json, onProgress) })
  const target = resolve(out.endsWith('.json') ? out : join(out, 'tokenizer.json'))
  mkdirSync(dirname(target), { recursive: true })
  writeDurably(target, `${JSON.stringify(tokenizer.toJson())}\n`)
  if (values.json) console.log(JSON.stringify({ path: target, vocabSize: tokenizer.vocabSize }))
  else console.log(`${target}: ${tokenizer.vocabSize} tokens`)
  return 0
}

const quiet = <T>(silent: boolean, listener: T): T | undefined => (silent ? undefined : listener)

async function* textsOf(path: string): AsyncGenerator<string> {
  if (!existsSync(path)) throw new Error(texts().failure.noFile(resolve(path)))
  for await (const { text, messages } of readDocuments(path, { source: path, licence: 'NOASSERTION' }))
    yield text ?? messages?.map(({ content }) => content).join('\n') ?? ''
}

async function standardInput(missing: string): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError(missing)
  return await readAll(process.stdin)
}

export const tokenizer: Command = { run }
