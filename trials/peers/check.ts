/**
 * Compares Dotline with PyTorch and transformers on folders as Dotline writes them: `npm run check:peers`, with
 * `--model FOLDER` (repeatable) for folders of one's own, and `--log`. Exit code 1 where something differs. Environments
 * and PPO are compared with Gymnasium's and Stable-Baselines3's beside that, or with `--environments` alone.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { ChatFormat } from '#model/chat'
import { openDecoder } from '#model/decoder'
import { greedy } from '#model/decoding'
import { generate } from '#model/generate'
import { Tokenizer } from '#model/tokenizer'
import { type LoadedModel, loadModel } from '#model/weights'
import { Figures } from '#trials/figures'
import { checkAlignment } from '#trials/peers/check-alignment'
import { checkEnvironments } from '#trials/peers/check-environments'
import { checkPpo } from '#trials/peers/check-ppo'
import { ourPass, published, readTensors, relativeError } from '#trials/peers/our-pass'
import type { PeerProcess } from '#trials/peers/peer-process'
import { ensurePython, startPython } from '#trials/peers/python'
import { saveRandom, smallConfigs, smallTokenizer } from '#trials/peers/small-models'
import { holdsSpecial, randomConversations, randomTexts } from '#trials/peers/texts'

const textCount = 10_000
const conversationCount = 500
const newTokens = 50
const closeEnough = { op: '<=', value: 1e-4 } as const

const prompts = [
  'Hello! Who are you?',
  '你好，你是谁？',
  'What is 17 + 25?',
  '请把这句话抄一遍：点线是一套完整的系统。',
  '<|im_start|>user\nMy name is Ada.<|im_end|>\n<|im_start|>assistant\n',
  '<|im_start|>user\n今天天气怎么样？<|im_end|>\n<|im_start|>assistant\n',
  'The year 2026 ',
  'a',
]

/** One model folder, on both sides. */
interface Subject {
  name: string
  folder: string
  /** Where files of this check may be written. */
  scratch: string
  peer: PeerProcess
  figures: Figures
}

async function checkNumbers(subject: Subject): Promise<void> {
  const { name, peer, figures, scratch } = subject
  const model = await loadModel(subject.folder)
  const random = seededRandom(7)
  const length = Math.min(48, model.config.contextLength)
  const someIds = () => Array.from({ length }, () => Math.floor(random() * model.config.vocabSize))
  const [tokens, targets] = [0, 1].map(() => [someIds(), someIds(), someIds()])
  const ours = await ourPass(model, tokens, targets)
  const out = join(scratch, 'theirs.safetensors')
  await peer.ask({ do: 'gradients', tokens, targets, out })
  const theirs = await readTensors(out)
  figures.record(
    `peers.${name}.logits`,
    relativeError(ours.logits, tensorOf(theirs, 'logits')),
    'relative',
    closeEnough,
  )
  figures.record(`peers.${name}.loss`, relativeError([ours.loss], tensorOf(theirs, 'loss')), 'relative', closeEnough)
  const gradients = await published(model, ours.gradients, join(scratch, 'gradients'))
  const worst = worstOf(gradients, theirs)
  figures.record(`peers.${name}.gradients.worst`, worst.error, 'relative', closeEnough)
  figures.note(`${name}: of ${gradients.size} gradients the worst is that of ${worst.name}`)
  await checkReload(subject, model, ours.logits, tokens)
}

function worstOf(ours: ReadonlyMap<string, Float32Array>, theirs: ReadonlyMap<string, Float32Array>) {
  const names = [...theirs.keys()].filter((name) => name !== 'logits' && name !== 'loss')
  if (names.length !== ours.size)
    throw new Error(`transformers has ${names.length} parameters with gradients, we have ${ours.size}`)
  const errors = names.map((name) => ({ name, error: relativeError(tensorOf(ours, name), tensorOf(theirs, name)) }))
  return errors.reduce((a, b) => (b.error > a.error ? b : a))
}

function tensorOf(tensors: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const found = tensors.get(name)
  if (!found) throw new Error(`there is no tensor ${name}; there are ${[...tensors.keys()].join(', ')}`)
  return found
}

/** transformers saves the model, we load what it saved. */
async function checkReload(subject: Subject, model: LoadedModel, logits: Float32Array, tokens: number[][]) {
  const { name, peer, figures, scratch } = subject
  const folder = join(scratch, 'resaved')
  await peer.ask({ do: 'save', folder })
  const again = await loadModel(folder)
  const same = [...model.parameters].every(([key, { data }]) => {
    const other = again.parameters.get(key)?.data
    return other !== undefined && Buffer.from(data.buffer).equals(Buffer.from(other.buffer))
  })
  figures.record(`peers.${name}.reload.weights`, Number(same), 'equal to the bit', { op: '=', value: 1 })
  const reloaded = await ourPass(again, tokens, tokens)
  figures.record(`peers.${name}.reload.logits`, relativeError(reloaded.logits, logits), 'relative', {
    op: '=',
    value: 0,
  })
}

interface Answer {
  ids: number[]
  text: string
}

async function checkGreedy({ name, folder, peer, figures }: Subject): Promise<void> {
  const tokenizer = await Tokenizer.open(folder)
  const encoded = prompts.map((prompt) => [...tokenizer.encode(prompt, { special: true })])
  const theirs = await peer.ask<Answer[]>({ do: 'generate', prompts: encoded, tokens: newTokens })
  const stopIds = await endTokens(folder)
  const decoder = await openDecoder(folder, { slots: 1, threads: 1 })
  let equal = 0
  for (const [i, prompt] of encoded.entries()) {
    const ours = await answer(decoder, prompt, stopIds)
    const expected = { ...theirs[i], ids: withoutEnd(theirs[i].ids, stopIds) }
    if (ours.text === expected.text && ours.ids.join() === expected.ids.join()) equal++
    else figures.note(`${name}: prompt ${i} differs: ${JSON.stringify(ours)} against ${JSON.stringify(expected)}`)
  }
  await decoder.close()
  const written = new Set(theirs.map(({ text }) => text)).size
  figures.record(`peers.${name}.greedy`, equal, `equal answers of ${prompts.length}`, {
    op: '=',
    value: prompts.length,
  })
  figures.note(`${name}: ${written} different answers`)
}

async function endTokens(folder: string): Promise<number[]> {
  const { generation } = await loadModel(folder)
  return [generation?.eos_token_id ?? []].flat().filter((id) => typeof id === 'number')
}

const withoutEnd = (ids: number[], stopIds: readonly number[]): number[] =>
  stopIds.includes(ids.at(-1) ?? -1) ? ids.slice(0, -1) : ids

async function answer(decoder: Awaited<ReturnType<typeof openDecoder>>, prompt: number[], stopIds: number[]) {
  const request = { maxTokens: newTokens, sampling: greedy, stop: [], stopIds, topLogprobs: null }
  const ours: Answer = { ids: [], text: '' }
  for await (const event of generate(decoder, { ...request, promptIds: Uint32Array.from(prompt) })) {
    ours.text += event.text
    if (event.type === 'token') ours.ids.push(event.id)
  }
  return ours
}

async function checkTokenizer({ name, folder, peer, figures }: Subject): Promise<void> {
  const tokenizer = await Tokenizer.open(folder)
  const texts = randomTexts(textCount)
  const wellFormed = texts.map((text) => text.toWellFormed())
  for (const special of [false, true]) {
    const theirs = await peer.ask<number[][]>({ do: 'encode', texts: wellFormed, special })
    const ours = texts.map((text) => [...tokenizer.encode(text, { special })])
    const kind = special ? 'special' : 'text'
    count(figures, `peers.${name}.tokenizer.${kind}`, texts, (i) => ours[i].join() === theirs[i].join())
    const decoded = await peer.ask<string[]>({ do: 'decode', ids: ours, special })
    count(
      figures,
      `peers.${name}.tokenizer.decode-${kind}`,
      texts,
      (i) => tokenizer.decode(ours[i], { special }) === decoded[i],
    )
  }
}

async function checkChat({ name, folder, peer, figures }: Subject): Promise<void> {
  const tokenizer = await Tokenizer.open(folder)
  const format = await ChatFormat.open(tokenizer, folder)
  const all = randomConversations(conversationCount).map((messages) =>
    messages.map(({ role, content }) => ({ role, content: content.toWellFormed() })),
  )
  for (const prompt of [false, true]) {
    const theirs = await peer.ask<{ texts: string[] }>({ do: 'chat', conversations: all, prompt })
    const same = (i: number) => format.render(all[i], { addGenerationPrompt: prompt }) === theirs.texts[i]
    count(figures, `peers.${name}.chat.${prompt ? 'prompt' : 'text'}`, all, same)
  }
  // What looks like a special token in a message stays text with us, while transformers makes it the token.
  const plain = all.filter(
    (messages) => !messages.some(({ content }) => holdsSpecial(content, tokenizer.specialTokens)),
  )
  const { ids } = await peer.ask<{ ids: number[][] }>({ do: 'chat', conversations: plain, prompt: true })
  const window = { contextLength: 1_000_000, reserve: 0 }
  count(
    figures,
    `peers.${name}.chat.ids`,
    plain,
    (i) => format.encodePrompt(plain[i], window).ids.join() === ids[i].join(),
  )
}

/** Records how many are equal, and shows the first that is not. */
function count(figures: Figures, name: string, all: readonly unknown[], equal: (i: number) => boolean): void {
  const different = all.flatMap((_, i) => (equal(i) ? [] : [i]))
  figures.record(name, all.length - different.length, `equal of ${all.length}`, { op: '=', value: all.length })
  if (different.length > 0) figures.note(`${name}: the first that differs is ${JSON.stringify(all[different[0]])}`)
}

async function checkFolder(subject: Subject): Promise<void> {
  const kind = await subject.peer.ask<string>({ do: 'load', folder: subject.folder })
  subject.figures.note(`${subject.name}: AutoModelForCausalLM made a ${kind} of it`)
  await checkNumbers(subject)
  await checkGreedy(subject)
  await checkTokenizer(subject)
  await checkChat(subject)
}

/** The folders to look at: small random ones, the starter model where it is, and those named. */
async function subjects(scratch: string, named: readonly string[]): Promise<{ name: string; folder: string }[]> {
  const tokenizer = smallTokenizer()
  const found: { name: string; folder: string }[] = []
  for (const [name, config] of Object.entries(smallConfigs(tokenizer.vocabSize))) {
    const folder = join(scratch, name)
    await saveRandom(folder, config, tokenizer, name === 'qwen3' ? 200_000 : undefined)
    found.push({ name, folder })
  }
  const starter = fileURLToPath(new URL('../../starter', import.meta.url))
  if (existsSync(join(starter, 'config.json'))) found.push({ name: 'starter', folder: starter })
  return [...found, ...named.map((folder) => ({ name: basename(folder), folder }))]
}

export async function main(args: string[]): Promise<void> {
  const options = {
    model: { type: 'string', multiple: true, default: [] as string[] },
    environments: { type: 'boolean', default: false },
    alignment: { type: 'boolean', default: false },
    store: { type: 'boolean', default: false },
  } as const
  const { values } = parseArgs({ args, strict: false, options })
  const missing = ensurePython('today')
  if (missing !== null) {
    console.log(`not checked: PyTorch and transformers could not be installed (${missing})`)
    return
  }
  const figures = new Figures('npm run check:peers', { check: true })
  if (!values.environments) await checkAlignment(figures)
  if (values.alignment) {
    figures.finish()
    return
  }
  await checkEnvironments(figures, values.store === true)
  await checkPpo(figures)
  if (values.environments) {
    figures.finish()
    return
  }
  const scratch = await mkdtemp(join(tmpdir(), 'dotline-peers-'))
  const peer = startPython('transformers', 'today', 'check.py')
  try {
    for (const { name, folder } of await subjects(scratch, values.model as string[])) {
      await checkFolder({ name, folder, scratch: await mkdtemp(join(scratch, `${name}-`)), peer, figures })
    }
  } finally {
    await peer.close()
    await rm(scratch, { recursive: true, force: true })
  }
  figures.finish()
}

if (import.meta.main) await main(process.argv.slice(2))
