/** The perceptrons' gradient step as a tensor program, compiled once for a minibatch of one size. */
import { tanh } from '#tensor/elementwise'
import { grad } from '#tensor/grad'
import { input, type Tensor } from '#tensor/graph'
import { linear } from '#tensor/matmul'
import { compile, type Program } from '#tensor/program'
import { reshape, slice, split } from '#tensor/reshape'
import { categorical, diagonalGaussian } from './distributions.ts'
import { ppoLoss } from './loss.ts'
import { type MlpConfig, mlpLayout, widths } from './mlp-layout.ts'

export interface MlpLossOptions {
  valueClip: number | null
  valueWeight: number
  entropyWeight: number
}

export interface MlpExpressions {
  /** Logits, or means; [rows, outputs]. */
  outputs: Tensor
  /** [rows]. */
  values: Tensor
  loss: Tensor
  statistics: Tensor
  /** All parameters in one row, as `mlpLayout` places them. */
  parameters: Tensor
}

/** One of the networks: [rows, inputs] → [rows, outputs]. */
function network(parameters: ReadonlyMap<string, Tensor>, name: string, x: Tensor, layers: number): Tensor {
  let y = x
  for (let layer = 0; layer < layers; layer++) {
    const weight = parameters.get(`${name}.${layer}.weight`) as Tensor
    const bias = parameters.get(`${name}.${layer}.bias`) as Tensor
    y = linear(y, weight, bias)
    if (layer + 1 < layers) y = tanh(y)
  }
  return y
}

/** Columns of the input `decisions`, behind those of the observation. */
export const decisionColumns = ['oldLogProb', 'oldValue', 'advantage', 'target', 'weight'] as const

/**
 * Inputs are `parameters`, `decisions` [rows, inputs + columns], `actions` and `clip`: few arrays, for each costs a
 * session's call as much as a dozen operations on such small ones.
 */
export function mlpExpressions(config: MlpConfig, rows: number, options: MlpLossOptions): MlpExpressions {
  const layout = mlpLayout(config)
  const parameters = input('parameters', [layout.size])
  const sizes = layout.parameters.map(({ size }) => size)
  const parts = split(parameters, 0, sizes).map((part, i) => reshape(part, layout.parameters[i].shape))
  const named = new Map(layout.parameters.map(({ name }, i) => [name, parts[i]]))
  const decisions = input('decisions', [rows, config.inputs + decisionColumns.length])
  const observations = slice(decisions, 1, 0, config.inputs)
  const column = (name: (typeof decisionColumns)[number]) => {
    const at = config.inputs + decisionColumns.indexOf(name)
    return reshape(slice(decisions, 1, at, at + 1), [rows])
  }
  const layers = widths(config, 'policy').length - 1
  const outputs = network(named, 'policy', observations, layers)
  const values = reshape(network(named, 'value', observations, layers), [rows])
  const { actions } = config
  const terms =
    actions.kind === 'discrete'
      ? categorical(outputs, input('actions', [rows], 'int64'))
      : diagonalGaussian(outputs, named.get('logDeviation') as Tensor, input('actions', [rows, actions.width]))
  const { loss, statistics } = ppoLoss(
    {
      ...terms,
      value: values,
      oldLogProb: column('oldLogProb'),
      oldValue: column('oldValue'),
      advantage: column('advantage'),
      target: column('target'),
      weight: column('weight'),
    },
    { ...options, clip: input('clip', []) },
  )
  return { outputs, values, loss, statistics, parameters }
}

/** Gives `statistics` and the `gradient` of all parameters. */
export async function mlpGradient(config: MlpConfig, rows: number, options: MlpLossOptions): Promise<Program> {
  const { loss, statistics, parameters } = mlpExpressions(config, rows, options)
  const [gradient] = grad(loss, [parameters])
  return compile({ statistics, gradient }, { threads: 1 })
}
