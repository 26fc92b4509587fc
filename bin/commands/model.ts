import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { judgeUrl } from '#guard/egress'
import { capabilities } from '#serve/engine'
import { inspectModel } from '#serve/registered-engine'
import {
  change,
  type ModelEntry,
  type Price,
  type Registry,
  readRegistry,
  upstreamSchema,
  writeRegistry,
} from '#serve/registry'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { modelsFolder } from '../data-folder.ts'
import { chooseModel } from '../shipped-model.ts'
import { table } from '../table.ts'
import { exportModel } from './model/export.ts'
import { installLlama } from './model/llama-cpp.ts'

const options = {
  data: { type: 'string' },
  name: { type: 'string' },
  link: { type: 'boolean', default: false },
  url: { type: 'string', multiple: true },
  'upstream-model': { type: 'string' },
  private: { type: 'boolean', default: false },
  'key-variable': { type: 'string' },
  'key-file': { type: 'string' },
  'extended-sampling': { type: 'boolean', default: false },
  capabilities: { type: 'string' },
  'context-length': { type: 'string' },
  price: { type: 'string' },
  licence: { type: 'string' },
  canary: { type: 'string' },
  share: { type: 'string' },
  back: { type: 'boolean', default: false },
  remove: { type: 'boolean', default: false },
  gguf: { type: 'string' },
  lora: { type: 'string', multiple: true },
  gpu: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parse<typeof options>>['values']

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  const [action, ...names] = positionals
  const folder = modelsFolder(values.data)
  const act = Object.hasOwn(actions, action ?? '') ? actions[action as keyof typeof actions] : undefined
  if (act === undefined || names.length > act.names || names.length < act.least(values))
    throw new UsageError(texts().usage.modelAction)
  const said = await act.run(folder, values, names)
  console.log(said)
  return 0
}

interface Action {
  /** Most names that it takes, and the fewest. */
  names: number
  least: (values: Values) => number
  run: (folder: string, values: Values, names: string[]) => string | Promise<string>
}

/** Reads the registry, makes a change and writes it. */
function update(folder: string, how: (registry: Registry) => Registry): Registry {
  const next = how(readRegistry(folder))
  writeRegistry(folder, next)
  return next
}

const actions: Record<'add' | 'list' | 'show' | 'remove' | 'default' | 'alias' | 'export' | 'llama-cpp', Action> = {
  add: {
    names: 1,
    least: ({ url }) => (url === undefined ? 1 : 0),
    run: (folder, values, [path]) =>
      values.url === undefined ? addFolder(folder, values, path) : addUpstream(folder, values),
  },
  list: { names: 0, least: () => 0, run: (folder, { json }) => list(readRegistry(folder), json) },
  show: { names: 1, least: () => 1, run: (folder, _values, [name]) => show(readRegistry(folder), name) },
  remove: { names: 1, least: () => 1, run: (folder, _values, [name]) => remove(folder, name) },
  default: {
    names: 1,
    least: () => 1,
    run(folder, _values, [name]) {
      update(folder, (registry) => change.makeDefault(registry, name))
      return texts().model.isDefault(name)
    },
  },
  export: { names: 2, least: () => 1, run: (_folder, values, names) => exportModel(values.gguf, values, names) },
  'llama-cpp': { names: 1, least: () => 1, run: (_folder, { gpu }, [action]) => installLlama(action, gpu) },
  alias: { names: 2, least: ({ back, remove }) => (back || remove ? 1 : 2), run: alias },
}

async function addFolder(folder: string, values: Values, path: string): Promise<string> {
  const gguf = path.endsWith('.gguf')
  const chosen = gguf ? { folder: resolve(path), id: basename(path, '.gguf') } : chooseModel(path)
  const name = values.name ?? chosen.id ?? basename(chosen.folder)
  const found = await inspectModel(chosen.folder, lorasOf(values.lora))
  const inside = join(folder, gguf ? `${name}.gguf` : name)
  const entry: ModelEntry = {
    kind: 'local',
    ...found,
    ...aboutOf(values, found),
    folder: values.link ? chosen.folder : basename(inside),
  }
  // Judged before anything is copied: a name that is a path, or taken, stops here.
  const next = change.add(readRegistry(folder), name, entry)
  if (!values.link) {
    if (existsSync(inside)) throw new Error(texts().model.folderTaken(inside))
    // Copied beside and renamed: what is cut short never looks like a model.
    const draft = `${inside}.part`
    rmSync(draft, { recursive: true, force: true })
    cpSync(chosen.folder, draft, { recursive: true, dereference: true })
    renameSync(draft, inside)
  }
  writeRegistry(folder, next)
  return texts().model.added(name)
}

/** `FILE` or `FILE=0.5`. Corrections stay where they are. */
function lorasOf(given: string[] | undefined): { file: string; scale: number }[] | undefined {
  return given?.map((each) => {
    const [, file, scale] = /^(.+?)(?:=(-?[\d.]+))?$/.exec(each) ?? []
    return { file: resolve(file), scale: number('lora', scale, { min: -100, max: 100 }) ?? 1 }
  })
}

function addUpstream(folder: string, values: Values): string {
  const { url: urls = [], 'upstream-model': model, name = model } = values
  if (model === undefined || name === undefined) throw new UsageError(texts().usage.modelUpstream)
  const rule = { private: values.private }
  for (const each of urls) {
    const { refusal } = judgeUrl(each, rule)
    if (refusal !== null) throw new UsageError(texts().model.refused(each, refusal))
  }
  const known = new Set<string>(capabilities)
  const wished = values.capabilities?.split(',').map((each) => each.trim())
  const strange = wished?.find((each) => !known.has(each))
  if (strange !== undefined) throw new UsageError(texts().usage.modelCapability(strange, [...known].join(', ')))
  const upstream = upstreamSchema.parse({
    urls,
    model,
    private: values.private,
    keyVariable: values['key-variable'],
    keyFile: values['key-file'],
    extendedSampling: values['extended-sampling'],
    ...(wished && { capabilities: wished }),
    contextLength: number('context-length', values['context-length'], { min: 1, max: 1e9, whole: true }) ?? null,
  })
  const about = { contextLength: upstream.contextLength, capabilities: upstream.capabilities, licence: null }
  const entry: ModelEntry = { kind: 'upstream', upstream, ...about, ...aboutOf(values, about) }
  update(folder, (registry) => change.add(registry, name, entry))
  return texts().model.added(name)
}

const aboutOf = (values: Values, found: { licence: string | null }) => ({
  added: Math.floor(Date.now() / 1000),
  price: priceOf(values.price),
  licence: values.licence ?? found.licence,
})

/** `EUR:0.1:0.05:0.4`: a currency and what a million tokens cost: of the prompt, of it where they were kept, of the answer. */
function priceOf(text: string | undefined): Price | null {
  if (text === undefined) return null
  const match = /^([A-Z]{3}):(\d+(?:\.\d+)?):(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(text)
  if (match === null) throw new UsageError(texts().usage.modelPrice(text))
  const [, currency, input, cached, output] = match
  return { currency, input: Number(input), cached: Number(cached), output: Number(output) }
}

function list(registry: Registry, json: boolean): string {
  const { models, aliases } = registry
  if (json) return JSON.stringify(registry)
  const rows = Object.entries(models).map(([name, entry]) => [
    name === registry.default ? `${name} *` : name,
    entry.contextLength === null ? '?' : String(entry.contextLength),
    entry.kind === 'local' ? `${(entry.bytes / 2 ** 20).toFixed(0)} MiB` : '-',
    entry.licence ?? '-',
    entry.kind === 'local' ? entry.folder : entry.upstream.urls.join(' '),
  ])
  if (rows.length === 0) return texts().model.none
  const lines = Object.entries(aliases).map(([name, { model, canary }]) => {
    const trial = canary === null ? '' : ` (${canary.model}: ${100 * canary.share} %)`
    return `${name === registry.default ? `${name} *` : name} → ${model}${trial}`
  })
  return [table([texts().model.columns, ...rows], { right: [1, 2] }), ...lines].join('\n')
}

function show(registry: Registry, name: string): string {
  const one = Object.hasOwn(registry.models, name) ? registry.models[name] : undefined
  const alias = Object.hasOwn(registry.aliases, name) ? registry.aliases[name] : undefined
  const found = one ?? alias
  if (found === undefined) throw new Error(texts().model.unknown(name))
  return JSON.stringify({ name, default: registry.default === name, ...found }, null, 2)
}

function remove(folder: string, name: string): string {
  const entry = readRegistry(folder).models[name]
  update(folder, (registry) => change.remove(registry, name))
  // A running server lets go of a model's files once nobody is answered by it; they are read when it is loaded.
  if (entry.kind === 'local' && !isAbsolute(entry.folder))
    rmSync(join(folder, entry.folder), { recursive: true, force: true })
  return texts().model.removed(name)
}

function alias(folder: string, values: Values, [name, model]: string[]): string {
  if ([values.back, values.remove, model !== undefined].filter(Boolean).length !== 1)
    throw new UsageError(texts().usage.modelAction)
  if (values.remove) {
    update(folder, (registry) => change.removeAlias(registry, name))
    return texts().model.removed(name)
  }
  const share = number('share', values.share, { min: 0, max: 1 })
  if ((values.canary === undefined) !== (share === undefined)) throw new UsageError(texts().usage.modelShare)
  const canary = values.canary === undefined || share === undefined ? null : { model: values.canary, share }
  const { aliases } = update(folder, (registry) =>
    values.back ? change.back(registry, name) : change.alias(registry, name, { model, canary }),
  )
  const now = aliases[name]
  return texts().model.leads(
    name,
    now.model,
    now.canary === null ? '' : `${now.canary.model}: ${100 * now.canary.share} %`,
  )
}

export const model: Command = { run }
