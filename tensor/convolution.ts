/** Convolution, pooling and upsampling over images [samples, channels, height, width]. */
import {
  type Attributes,
  expectFloat,
  int,
  ints,
  Node,
  operation,
  type Shape,
  ShapeError,
  show,
  type Tensor,
} from './graph.ts'
import { broadcastTo, reshape } from './reshape.ts'

/** Height and width. */
export type Pair = readonly [height: number, width: number]
/** Zeros around the image: top, left, bottom, right. */
export type Padding = readonly [top: number, left: number, bottom: number, right: number]

export interface WindowOptions {
  stride?: Pair
  padding?: Padding
}

export interface ConvolutionOptions extends WindowOptions {
  /** Distance between neighbours under the kernel. */
  dilation?: Pair
  /** Channels fall into this many groups that do not meet. */
  groups?: number
  /** One number for each channel of the result. */
  bias?: Tensor
}

interface Window {
  stride: Pair
  padding: Padding
  dilation: Pair
}

function windowOf(op: string, options: ConvolutionOptions): Window {
  const { stride = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1] } = options
  if (![...stride, ...dilation].every((v) => Number.isInteger(v) && v > 0))
    throw new ShapeError(`${op}: strides ${show(stride)} and dilations ${show(dilation)} must be at least 1`)
  if (!padding.every((v) => Number.isInteger(v) && v >= 0))
    throw new ShapeError(`${op}: padding ${show(padding)} must not be negative`)
  return { stride, padding, dilation }
}

const attributesOf = ({ stride, padding, dilation }: Window): Attributes => ({
  strides: ints(stride),
  pads: ints(padding),
  dilations: ints(dilation),
})

/** From the first to the last place of a kernel. */
const reach = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1

function outputSize(op: string, x: Shape, kernel: Pair, { stride, padding, dilation }: Window): Pair {
  const [height, width] = ([0, 1] as const).map((axis) => {
    const room = x[axis + 2] + padding[axis] + padding[axis + 2] - reach(kernel[axis], dilation[axis])
    if (kernel[axis] < 1 || room < 0)
      throw new ShapeError(`${op}: a kernel of ${show(kernel)} does not fit into ${show(x)}`)
    return Math.floor(room / stride[axis]) + 1
  })
  return [height, width]
}

function expectImage(op: string, x: Tensor): void {
  expectFloat(op, x)
  if (x.rank !== 4) throw new ShapeError(`${op}: needs [samples, channels, height, width], got ${show(x.shape)}`)
  if (x.size === 0) throw new ShapeError(`${op}: ${show(x.shape)} is empty`)
}

function expectWeight(op: string, x: Tensor, weight: Tensor, fits: boolean, bias: Tensor | undefined, outputs: number) {
  expectImage(op, x)
  expectFloat(op, weight)
  if (weight.rank !== 4 || weight.size === 0 || !fits)
    throw new ShapeError(`${op}: ${show(x.shape)} does not fit a kernel of ${show(weight.shape)}`)
  if (bias && (bias.rank !== 1 || bias.shape[0] !== outputs))
    throw new ShapeError(`${op}: a bias of ${show(bias.shape)} does not fit ${outputs} channels`)
}

/**
 * Convolution of x [samples, in, height, width] with weight [out, in / groups, kernel height, kernel width] (which is not
 * turned round: a cross-correlation, as everywhere in this field) → [samples, out, height', width'].
 */
export function conv2d(x: Tensor, weight: Tensor, options: ConvolutionOptions = {}): Tensor {
  const op = 'Conv'
  const { groups = 1, bias } = options
  const window = windowOf(op, options)
  const [outputs, perGroup, ...kernel] = weight.shape
  const fits = x.shape[1] === perGroup * groups && outputs % groups === 0
  expectWeight(op, x, weight, fits, bias, outputs)
  const size = outputSize(op, x.shape, kernel as [number, number], window)
  return operation(op, bias ? [x, weight, bias] : [x, weight], [x.shape[0], outputs, ...size], {
    attributes: { ...attributesOf(window), group: int(groups), kernel_shape: ints(kernel) },
  })
}

export interface TransposedOptions extends ConvolutionOptions {
  /** Rows and columns more at the bottom and the right, which the stride leaves open. */
  outputPadding?: Pair
}

/**
 * The transpose of `conv2d`: x [samples, in, height, width] and weight [in, out / groups, kernel height, kernel width] →
 * [samples, out, stride · (height − 1) + reach of the kernel − padding + outputPadding, …].
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options: TransposedOptions = {}): Tensor {
  const op = 'ConvTranspose'
  const { groups = 1, bias, outputPadding = [0, 0] } = options
  const window = windowOf(op, options)
  const { stride, padding, dilation } = window
  const [inputs, perGroup, ...kernel] = weight.shape
  const outputs = perGroup * groups
  expectWeight(op, x, weight, x.shape[1] === inputs && inputs % groups === 0, bias, outputs)
  if (outputPadding.some((v, axis) => !(v >= 0 && v < Math.max(stride[axis], dilation[axis]))))
    throw new ShapeError(`${op}: outputPadding ${show(outputPadding)} must be below stride ${show(stride)}`)
  const size = ([0, 1] as const).map(
    (axis) =>
      stride[axis] * (x.shape[axis + 2] - 1) +
      outputPadding[axis] +
      reach(kernel[axis], dilation[axis]) -
      padding[axis] -
      padding[axis + 2],
  )
  if (size.some((d) => d < 1))
    throw new ShapeError(`${op}: padding ${show(padding)} leaves nothing of ${show(x.shape)}`)
  return operation(op, bias ? [x, weight, bias] : [x, weight], [x.shape[0], outputs, ...size], {
    attributes: {
      ...attributesOf(window),
      group: int(groups),
      kernel_shape: ints(kernel),
      output_padding: ints(outputPadding),
    },
  })
}

function poolWindow(op: string, x: Tensor, kernel: Pair, options: WindowOptions): Window {
  expectImage(op, x)
  const window = windowOf(op, { stride: kernel, ...options })
  if (window.padding.some((p, i) => p >= kernel[i % 2]))
    throw new ShapeError(`${op}: padding ${show(window.padding)} must be below the kernel's ${show(kernel)}`)
  return window
}

/** The largest value under each place of the kernel; the stride is the kernel's size by default. */
export function maxPool(x: Tensor, kernel: Pair, options: WindowOptions = {}): Tensor {
  const op = 'MaxPool'
  const window = poolWindow(op, x, kernel, options)
  const shape = [x.shape[0], x.shape[1], ...outputSize(op, x.shape, kernel, window)]
  // The second output says where in x, taken as one row, each maximum lies: its gradient goes there.
  const node = new Node({
    op,
    inputs: [x],
    attributes: { ...attributesOf(window), kernel_shape: ints(kernel), storage_order: int(0) },
    outputs: [{ shape }, { shape, dtype: 'int64' }],
  })
  return node.outputs[0]
}

/** The mean under each place of the kernel, padding not counted; the stride is the kernel's size by default. */
export function averagePool(x: Tensor, kernel: Pair, options: WindowOptions = {}): Tensor {
  const op = 'AveragePool'
  const window = poolWindow(op, x, kernel, options)
  const { dilations: _, ...attributes } = attributesOf(window)
  return operation(op, [x], [x.shape[0], x.shape[1], ...outputSize(op, x.shape, kernel, window)], {
    attributes: { ...attributes, kernel_shape: ints(kernel), count_include_pad: int(0) },
  })
}

/** Repeats each pixel `factor` times downwards and to the right. */
export function upsampleNearest(x: Tensor, factor: Pair): Tensor {
  expectImage('upsampleNearest', x)
  if (!factor.every((v) => Number.isInteger(v) && v > 0))
    throw new ShapeError(`upsampleNearest: factors ${show(factor)} must be whole and at least 1`)
  const [samples, channels, height, width] = x.shape
  const apart = reshape(x, [samples, channels, height, 1, width, 1])
  const repeated = broadcastTo(apart, [samples, channels, height, factor[0], width, factor[1]])
  return reshape(repeated, [samples, channels, height * factor[0], width * factor[1]])
}
