import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { capabilities } from '#serve/engine'
import { upstreamSchema } from './upstream/settings.ts'

export { upstreamSchema } from './upstream/settings.ts'

/** Which models a server has, under which names: one file in the operator's data directory, written whole or not at all. */

const name = z
  .string()
  .max(128)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._:-]*$/u, {
    error: 'a name begins with a letter or digit and goes on with those and . _ : -',
  })

const priceSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** Per million tokens. */
  input: z.number().min(0),
  cached: z.number().min(0),
  output: z.number().min(0),
})

const about = {
  /** Seconds since 1970. */
  added: z.int(),
  contextLength: z.int().nullable(),
  capabilities: z.array(z.enum(capabilities)),
  price: priceSchema.nullable(),
  licence: z.string().max(256).nullable(),
}

const localSchema = z.strictObject({
  kind: z.literal('local'),
  /** Of Hugging Face's layout, or a GGUF file for llama.cpp; relative to the folder of models where it lies in there. */
  folder: z.string(),
  /** What it takes in memory, roughly. */
  bytes: z.int().min(0),
  /** SHA-256 of its manifest of training data; null where it brings none. */
  manifest: z.string().nullable(),
  /** Small corrections of a GGUF file's weights, with their strengths. */
  loras: z.array(z.strictObject({ file: z.string(), scale: z.number() })).optional(),
  ...about,
})

const upstreamEntry = z.strictObject({ kind: z.literal('upstream'), upstream: upstreamSchema, ...about })

const targetSchema = z.strictObject({
  model: name,
  /** A model on trial, and its share of the requests, 0 to 1. */
  canary: z.strictObject({ model: name, share: z.number().min(0).max(1) }).nullable(),
})

const registrySchema = z.strictObject({
  version: z.literal(1),
  default: name.nullable(),
  models: z.record(name, z.discriminatedUnion('kind', [localSchema, upstreamEntry])),
  aliases: z.record(
    name,
    targetSchema.extend({ /** What it was before the latest change. */ before: targetSchema.nullable() }),
  ),
})

export type Registry = z.infer<typeof registrySchema>
export type ModelEntry = Registry['models'][string]
export type LocalEntry = Extract<ModelEntry, { kind: 'local' }>
export type Price = z.infer<typeof priceSchema>
export type AliasTarget = z.infer<typeof targetSchema>

/** A change that the registry does not allow; code and names say which sentence a person is told. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  readonly code: 'damaged' | 'unknown' | 'taken' | 'in_use' | 'no_before' | 'bad_name' | 'self'

  constructor(code: RegistryError['code'], message: string) {
    super(message)
    this.code = code
  }
}

const empty = (): Registry => ({ version: 1, default: null, models: {}, aliases: {} })

export const registryFile = (folder: string) => join(folder, 'registry.json')

/** Reads the registry in the folder of models; one that is not there is empty. @throws RegistryError */
export function readRegistry(folder: string): Registry {
  const path = registryFile(folder)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return empty()
    throw error
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new RegistryError('damaged', `${path} is not JSON. Mend it, or remove it and add the models again.`)
  }
  const { data, error } = registrySchema.safeParse(value)
  if (data !== undefined) return data
  const [issue] = error.issues
  throw new RegistryError(
    'damaged',
    `${path}: ${issue.path.join('.')}: ${issue.message}. Mend it, or remove it and add the models again.`,
  )
}

/** Replaces the registry: whoever reads meanwhile sees the old one or the new one. */
export function writeRegistry(folder: string, registry: Registry): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = registryFile(folder)
  const draft = `${path}.${randomBytes(4).toString('hex')}`
  try {
    const file = openSync(draft, 'wx', 0o600)
    try {
      writeFileSync(file, `${JSON.stringify(registrySchema.parse(registry), null, 2)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** Whether a model writes; one of which nothing is known is taken to. */
export const writes = ({ capabilities: able }: ModelEntry): boolean =>
  able.length === 0 || able.includes('chat') || able.includes('completions')

const known = ({ models, aliases }: Registry, what: string) =>
  Object.hasOwn(models, what) || Object.hasOwn(aliases, what)

function expectModel(registry: Registry, model: string): void {
  if (Object.hasOwn(registry.models, model)) return
  const there = Object.keys(registry.models).join(', ') || 'none'
  throw new RegistryError('unknown', `There is no model '${model}'. There is: ${there}.`)
}

function expectAlias({ aliases }: Registry, alias: string): void {
  if (!Object.hasOwn(aliases, alias)) throw new RegistryError('unknown', `There is no alias '${alias}'.`)
}

function expectName(given: string): void {
  const { success, error } = name.safeParse(given)
  if (!success) throw new RegistryError('bad_name', `'${given}': ${error.issues[0].message}.`)
}

/** Changes of a registry, each of which gives back the next one. @throws RegistryError where it does not allow them */
export const change = {
  add(registry: Registry, id: string, entry: ModelEntry): Registry {
    expectName(id)
    if (known(registry, id))
      throw new RegistryError('taken', `The name '${id}' is taken. Choose another with --name, or remove that one.`)
    // Who names no model wants to talk.
    return {
      ...registry,
      default: registry.default ?? (writes(entry) ? id : null),
      models: { ...registry.models, [id]: entry },
    }
  },

  remove(registry: Registry, id: string): Registry {
    expectModel(registry, id)
    const used = Object.entries(registry.aliases).find(([, { model, canary }]) => model === id || canary?.model === id)
    if (used !== undefined)
      throw new RegistryError(
        'in_use',
        `The alias '${used[0]}' leads to '${id}'. Point it to another model, or remove it, first.`,
      )
    const { [id]: _, ...models } = registry.models
    const aliases = Object.fromEntries(
      Object.entries(registry.aliases).map(([alias, target]) => {
        const gone = target.before?.model === id || target.before?.canary?.model === id
        return [alias, gone ? { ...target, before: null } : target]
      }),
    )
    const first = Object.keys(models).find((each) => writes(models[each])) ?? null
    return { ...registry, models, aliases, default: registry.default === id ? first : registry.default }
  },

  makeDefault(registry: Registry, id: string): Registry {
    if (!known(registry, id)) expectModel(registry, id)
    return { ...registry, default: id }
  },

  alias(registry: Registry, alias: string, target: AliasTarget): Registry {
    expectName(alias)
    if (Object.hasOwn(registry.models, alias)) throw new RegistryError('taken', `'${alias}' is the name of a model.`)
    expectModel(registry, target.model)
    if (target.canary !== null) expectModel(registry, target.canary.model)
    if (target.canary?.model === target.model)
      throw new RegistryError('self', `'${target.model}' cannot be on trial against itself.`)
    const was = Object.hasOwn(registry.aliases, alias) ? registry.aliases[alias] : undefined
    // One that began with a trial goes back to the model without it.
    const begun = target.canary === null ? null : { model: target.model, canary: null }
    const before = was === undefined ? begun : { model: was.model, canary: was.canary }
    return { ...registry, aliases: { ...registry.aliases, [alias]: { ...target, before } } }
  },

  /** An alias as it was before its latest change; done twice, it is as it was after it. */
  back(registry: Registry, alias: string): Registry {
    expectAlias(registry, alias)
    const { before, ...target } = registry.aliases[alias]
    if (before === null) throw new RegistryError('no_before', `'${alias}' has led nowhere else yet.`)
    return { ...registry, aliases: { ...registry.aliases, [alias]: { ...before, before: target } } }
  },

  removeAlias(registry: Registry, alias: string): Registry {
    expectAlias(registry, alias)
    const { [alias]: _, ...aliases } = registry.aliases
    const first = Object.keys(registry.models).at(0) ?? null
    return { ...registry, aliases, default: registry.default === alias ? first : registry.default }
  },
}

/** The model that a name stands for; `draw`, from 0 to 1, decides where an alias has a model on trial. */
export function resolveModel(registry: Registry, asked: string, draw: number): string | null {
  if (Object.hasOwn(registry.models, asked)) return asked
  const target = Object.hasOwn(registry.aliases, asked) ? registry.aliases[asked] : undefined
  if (target === undefined) return null
  return target.canary !== null && draw < target.canary.share ? target.canary.model : target.model
}
