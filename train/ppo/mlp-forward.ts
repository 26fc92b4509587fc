/**
 * The perceptrons forward in plain arrays. For a few observations at a time this takes a fraction of a session's call
 * (trials/LOG.md), and agrees with the tensor program to float32's rounding.
 */
import { type MlpConfig, type MlpLayout, mlpLayout, normalNumber, outputsOf, widths } from './mlp-layout.ts'

interface Layer {
  weight: Float64Array
  bias: Float64Array
  inputs: number
  outputs: number
  result: Float64Array
}

export class MlpForward {
  readonly config: MlpConfig
  private readonly layout: MlpLayout
  private readonly flat: Float32Array
  /** A copy in float64: each product would widen its weight again. */
  private readonly wide: Float64Array
  private readonly policy: readonly Layer[]
  private readonly value: readonly Layer[]
  private readonly logDeviation: Float64Array

  /** @param flat the weights that learning changes; `refresh` takes them over */
  constructor(config: MlpConfig, flat: Float32Array) {
    this.config = config
    this.flat = flat
    this.layout = mlpLayout(config)
    this.wide = new Float64Array(this.layout.size)
    this.policy = this.layers('policy')
    this.value = this.layers('value')
    this.logDeviation = config.actions.kind === 'gaussian' ? this.view('logDeviation') : new Float64Array()
    this.refresh()
  }

  refresh(): void {
    this.wide.set(this.flat)
  }

  /** Logits or means for the observation that begins at `at`. The array is used again by the next call. */
  outputs(observations: Float32Array, at: number): Float64Array {
    return run(this.policy, observations, at)
  }

  valueOf(observations: Float32Array, at: number): number {
    return run(this.value, observations, at)[0]
  }

  /** Draws an action into `action` (one number, or a Gaussian's elements) and returns its log-probability. */
  draw(observations: Float32Array, at: number, random: () => number, action: Float32Array): number {
    const outputs = this.outputs(observations, at)
    if (this.config.actions.kind === 'discrete') {
      const total = logTotal(outputs)
      action[0] = drawn(outputs, total, random())
      return outputs[action[0]] - total
    }
    let logProb = 0
    for (let i = 0; i < outputs.length; i++) {
      action[i] = outputs[i] + Math.exp(this.logDeviation[i]) * normalNumber(random)
      // Of the action as float32 keeps it, for that is what learning will see.
      const distance = (action[i] - outputs[i]) / Math.exp(this.logDeviation[i])
      logProb -= 0.5 * distance * distance + this.logDeviation[i] + 0.5 * Math.log(2 * Math.PI)
    }
    return logProb
  }

  /** The likeliest action. */
  best(observations: Float32Array, at: number, action: Float32Array): void {
    const outputs = this.outputs(observations, at)
    if (this.config.actions.kind === 'discrete') action[0] = outputs.indexOf(Math.max(...outputs))
    else action.set(outputs)
  }

  get actionWidth(): number {
    return this.config.actions.kind === 'discrete' ? 1 : outputsOf(this.config)
  }

  private layers(network: 'policy' | 'value'): Layer[] {
    const sizes = widths(this.config, network)
    return sizes.slice(1).map((outputs, layer) => ({
      weight: this.view(`${network}.${layer}.weight`),
      bias: this.view(`${network}.${layer}.bias`),
      inputs: sizes[layer],
      outputs,
      result: new Float64Array(outputs),
    }))
  }

  private view(name: string): Float64Array {
    const found = this.layout.parameters.find((p) => p.name === name)
    if (!found) throw new RangeError(`MlpForward: there is no parameter ${name}`)
    return this.wide.subarray(found.offset, found.offset + found.size)
  }
}

function run(layers: readonly Layer[], observations: Float32Array, at: number): Float64Array {
  // Widened first: a loop that meets arrays of two kinds takes twice the time.
  let x: Float64Array = Float64Array.from(observations.subarray(at, at + layers[0].inputs))
  for (const [i, layer] of layers.entries()) {
    apply(layer, x)
    x = layer.result
    if (i + 1 < layers.length) for (let k = 0; k < x.length; k++) x[k] = Math.tanh(x[k])
  }
  return x
}

/** weight · x + bias, in four sums at a time, so that one addition need not wait for the other. */
function apply({ weight, bias, inputs, outputs, result }: Layer, x: Float64Array): void {
  const whole = inputs - (inputs % 4)
  for (let o = 0; o < outputs; o++) {
    const row = o * inputs
    let a = bias[o]
    let b = 0
    let c = 0
    let d = 0
    for (let i = 0; i < whole; i += 4) {
      a += weight[row + i] * x[i]
      b += weight[row + i + 1] * x[i + 1]
      c += weight[row + i + 2] * x[i + 2]
      d += weight[row + i + 3] * x[i + 3]
    }
    for (let i = whole; i < inputs; i++) a += weight[row + i] * x[i]
    result[o] = a + b + (c + d)
  }
}

/** log Σ exp(x). */
function logTotal(x: Float64Array): number {
  let highest = Number.NEGATIVE_INFINITY
  for (const value of x) highest = Math.max(highest, value)
  let total = 0
  for (const value of x) total += Math.exp(value - highest)
  return highest + Math.log(total)
}

/** The choice that a number in [0, 1) falls on. */
function drawn(logits: Float64Array, total: number, at: number): number {
  let passed = 0
  for (let i = 0; i + 1 < logits.length; i++) {
    passed += Math.exp(logits[i] - total)
    if (at < passed) return i
  }
  return logits.length - 1
}
