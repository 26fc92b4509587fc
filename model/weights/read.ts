/** The parameters of a checkpoint, once every name and shape is as expected. */
import type { ParameterSpec } from '../config.ts'
import type { Architecture } from './architecture.ts'
import { WeightFileError } from './error.ts'
import { configFile } from './folder.ts'
import { gpt2Prefix, isIgnored, outputMatrix, type Placement, placements, unstack } from './placements.ts'
import { openShards, type Shards } from './shards.ts'
import type { Parameter } from './write.ts'

/** What a checkpoint should hold. */
export interface Expected {
  architecture: Architecture
  specs: readonly ParameterSpec[]
  /** Whether the output matrix is the embedding, which the checkpoint may repeat. */
  tied: boolean
}

/** Reads `folder`'s weights, by the names and in the order of the specs. Throws WeightFileError. */
export async function readParameters(
  folder: string,
  expected: Expected,
  options: { shared?: boolean } = {},
): Promise<Map<string, Parameter>> {
  await using shards = await openShards(folder)
  const plan = checkTensors(shards, expected)
  const found = new Map<string, Float32Array>()
  for (const placement of plan) {
    const values = unstack(placement, await shards.read(placement.stored, options.shared ?? false))
    placement.parts.forEach((part, index) => {
      found.set(part.name, values[index])
    })
  }
  if (expected.tied) await checkTie(shards, found)
  const parameters = new Map<string, Parameter>()
  for (const { name, shape } of expected.specs) {
    const data = found.get(name)
    if (data !== undefined) parameters.set(name, { shape, data })
  }
  return parameters
}

/** The placements under the names this checkpoint uses, once names and shapes are all as expected. */
function checkTensors(shards: Shards, { architecture, specs, tied }: Expected): Placement[] {
  let plan = placements(architecture, specs)
  const bare = architecture === 'GPT2LMHeadModel' && shards.info(`${gpt2Prefix}wte.weight`) === undefined
  if (bare)
    plan = plan.map((placement) => ({
      ...placement,
      stored: placement.stored.replace(new RegExp(`^${gpt2Prefix}`), ''),
    }))
  const expected = new Set<string>()
  for (const { stored, shape } of plan) {
    expected.add(stored)
    const info = shards.info(stored)
    if (info === undefined) throw new WeightFileError(shards.fileOf(stored), stored, 'missing')
    if (info.shape.length !== shape.length || info.shape.some((size, axis) => size !== shape[axis]))
      throw new WeightFileError(
        shards.fileOf(stored),
        stored,
        `shape [${info.shape.join(', ')}], but ${configFile} asks for [${shape.join(', ')}]`,
      )
  }
  for (const name of shards.names())
    if (!expected.has(name) && !isIgnored(architecture, name) && !(tied && name === outputMatrix))
      throw new WeightFileError(shards.fileOf(name), name, `not a tensor of a ${architecture} with this ${configFile}`)
  return plan
}

/** A checkpoint may repeat a tied output matrix; a different one would be dropped without a word, so it is refused. */
async function checkTie(shards: Shards, found: ReadonlyMap<string, Float32Array>): Promise<void> {
  const embedding = found.get('model.embed_tokens.weight')
  if (embedding === undefined || shards.info(outputMatrix) === undefined) return
  const output = await shards.read(outputMatrix, false)
  const same = output.length === embedding.length && output.every((value, index) => Object.is(value, embedding[index]))
  if (!same)
    throw new WeightFileError(
      shards.fileOf(outputMatrix),
      outputMatrix,
      `differs from the embedding, although ${configFile} ties them; set tie_word_embeddings to false`,
    )
}
