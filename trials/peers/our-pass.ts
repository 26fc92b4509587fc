/** Logits, loss and gradients as Dotline computes them, written as published tensors to compare with a peer's. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endOfText, padding } from '#model/chat'
import { parameterSpecs } from '#model/config'
import { hiddenStates, languageLoss, logitsOf, parameterInputs } from '#model/gpt'
import { openSafetensors } from '#model/safetensors'
import { type LoadedModel, type Parameter, saveModel } from '#model/weights'
import { grad } from '#tensor/grad'
import { input, type Tensor } from '#tensor/graph'
import { compile, type Values } from '#tensor/program'

export interface Pass {
  /** [batch · length, vocabulary]. */
  logits: Float32Array
  /** Mean −log p of the targets, in nats. */
  loss: number
  /** By our own parameter names. */
  gradients: Map<string, Parameter>
}

/** One pass forward and backward over rows of equal length. */
export async function ourPass({ config, parameters }: LoadedModel, tokens: number[][], targets: number[][]) {
  const [batch, length] = [tokens.length, tokens[0].length]
  const rows = batch * length
  const arrays = parameterInputs(config)
  const ids = (name: string) => input(name, [rows], 'int64')
  const of = { batch, length, tokens: ids('tokens') }
  const { loss } = languageLoss(config, arrays, of, ids('targets'), input('weights', [rows]))
  const gradients = grad(loss, [...arrays.values()])
  const outputs: Record<string, Tensor> = { loss, logits: logitsOf(config, arrays, hiddenStates(config, arrays, of)) }
  for (const [i, name] of [...arrays.keys()].entries()) outputs[`g.${name}`] = gradients[i]
  const program = await compile(outputs, { threads: 2 })
  const feeds: Record<string, Values> = {
    tokens: BigInt64Array.from(tokens.flat(), BigInt),
    targets: BigInt64Array.from(targets.flat(), BigInt),
    weights: new Float32Array(rows).fill(1 / rows),
  }
  for (const [name, { data }] of parameters) feeds[name] = data
  const found = await program.run(feeds)
  await program.release()
  return passOf(found, config)
}

function passOf(found: Record<string, Values>, config: LoadedModel['config']): Pass {
  const gradients = parameterSpecs(config).map(
    ({ name, shape }) => [name, { shape, data: found[`g.${name}`] as Float32Array }] as const,
  )
  return { logits: found.logits as Float32Array, loss: Number(found.loss[0]), gradients: new Map(gradients) }
}

/**
 * Gradients under published names: GPT-2 keeps query, key and value in one tensor, and the gradient of the key's bias
 * alone is 0 but for rounding, which cannot be compared.
 */
export async function published(model: LoadedModel, gradients: Pass['gradients'], folder: string) {
  await saveModel(folder, {
    config: model.config,
    parameters: gradients,
    tokenizerJson: await readFile(join(model.folder, 'tokenizer.json'), 'utf8'),
    chatTemplate: null,
    specialTokens: { eos: endOfText, pad: padding },
    dtype: 'f32',
  })
  return readTensors(join(folder, 'model.safetensors'))
}

export async function readTensors(path: string): Promise<Map<string, Float32Array>> {
  await using file = await openSafetensors(path)
  const tensors = new Map<string, Float32Array>()
  for (const name of file.tensors.keys()) tensors.set(name, await file.read(name))
  return tensors
}

/** max |a − b| over max |b|: infinite where the sizes differ or a value is no number. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let difference = 0
  let largest = Number.MIN_VALUE
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs(a[i] - b[i])
    if (!Number.isFinite(gap)) return Number.POSITIVE_INFINITY
    difference = Math.max(difference, gap)
    largest = Math.max(largest, Math.abs(b[i]))
  }
  return difference / largest
}
