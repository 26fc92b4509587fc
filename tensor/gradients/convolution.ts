import { conv2d, convTranspose2d, type Padding, type Pair } from '../convolution.ts'
import { div } from '../elementwise.ts'
import { constant, full, type Node, sizeOf, type Tensor } from '../graph.ts'
import { scatterAlong } from '../indexing.ts'
import { sum } from '../reduce.ts'
import { reshape, slice, transpose } from '../reshape.ts'
import { type Rules, single } from './rule.ts'

const intsOf = (node: Node, name: string): readonly number[] => {
  const a = node.attributes[name]
  return a?.kind === 'ints' ? a.value : []
}

function windowOf(node: Node) {
  const { group } = node.attributes
  return {
    stride: intsOf(node, 'strides') as Pair,
    padding: intsOf(node, 'pads') as Padding,
    dilation: (node.op === 'AveragePool' ? [1, 1] : intsOf(node, 'dilations')) as Pair,
    groups: group?.kind === 'int' ? group.value : 1,
  }
}

type Window = ReturnType<typeof windowOf>

/** The gradient at a convolution's image, from that at its result: the transposed convolution. */
function toImage(g: Tensor, weight: Tensor, image: Tensor, window: Window): Tensor {
  const { stride, padding, dilation } = window
  const left = ([0, 1] as const).map((axis) => {
    const whole = stride[axis] * (g.shape[axis + 2] - 1) + dilation[axis] * (weight.shape[axis + 2] - 1) + 1
    return image.shape[axis + 2] - (whole - padding[axis] - padding[axis + 2])
  })
  return convTranspose2d(g, weight, { ...window, outputPadding: [left[0], left[1]] })
}

/**
 * The gradient at a convolution's kernel: the image convolved with the result's gradient, samples in the place of
 * channels, stride and dilation exchanged.
 */
function toKernel(image: Tensor, g: Tensor, weight: Tensor, window: Window): Tensor {
  const { stride, padding, dilation, groups } = window
  const [samples, inputs, height, width] = image.shape
  const [outputs, perGroup, kernelHeight, kernelWidth] = weight.shape
  const grouped = transpose(reshape(image, [samples, groups, inputs / groups, height, width]), [2, 1, 0, 3, 4])
  const y = conv2d(reshape(grouped, [perGroup, groups * samples, height, width]), transpose(g, [1, 0, 2, 3]), {
    stride: dilation,
    padding,
    dilation: stride,
    groups,
  })
  // Rows that the stride never reached leave places beyond the kernel.
  const kernel = slice(slice(y, 2, 0, kernelHeight), 3, 0, kernelWidth)
  return reshape(transpose(kernel, [1, 0, 2, 3]), [outputs, perGroup, kernelHeight, kernelWidth])
}

const withBias = (node: Node, g: Tensor, gradients: Tensor[]): Tensor[] =>
  node.inputs.length > 2 ? [...gradients, sum(g, [0, 2, 3])] : gradients

/** How many pixels lie under each place of a pooling kernel, [1, 1, height, width]. */
function pixelCounts(
  kernel: Pair,
  { stride, padding }: Window,
  [, , height, width]: readonly number[],
  y: Tensor,
): Tensor {
  const along = (axis: 0 | 1, size: number, places: number) =>
    Array.from({ length: places }, (_, at) => {
      const start = at * stride[axis] - padding[axis]
      return Math.min(size, start + kernel[axis]) - Math.max(0, start)
    })
  const rows = along(0, height, y.shape[2])
  const columns = along(1, width, y.shape[3])
  const counts = rows.flatMap((r) => columns.map((c) => r * c))
  return constant(Float32Array.from(counts), [1, 1, rows.length, columns.length])
}

export const convolution: Rules = {
  Conv: single((g, node) => {
    const [x, weight] = node.inputs
    const window = windowOf(node)
    return withBias(node, g, [toImage(g, weight, x, window), toKernel(x, g, weight, window)])
  }),
  // The transpose of a convolution: what was its result is the image here.
  ConvTranspose: single((g, node) => {
    const [x, weight] = node.inputs
    const window = windowOf(node)
    return withBias(node, g, [conv2d(g, weight, window), toKernel(g, x, weight, window)])
  }),
  MaxPool: single((g, node) => {
    const [x] = node.inputs
    const [, places] = node.outputs
    const flat = [places.size]
    return [reshape(scatterAlong([x.size], reshape(places, flat), reshape(g, flat), 0), x.shape)]
  }),
  // Each channel alone: a convolution with ones, divided by how many pixels each place sees.
  AveragePool: single((g, node, y) => {
    const [x] = node.inputs
    const window = windowOf(node)
    const kernel = intsOf(node, 'kernel_shape') as Pair
    const single = (t: Tensor) => [sizeOf(t.shape.slice(0, 2)), 1, t.shape[2], t.shape[3]]
    const shared = reshape(div(g, pixelCounts(kernel, window, x.shape, y)), single(g))
    const image = reshape(x, single(x))
    return [reshape(toImage(shared, full([1, 1, ...kernel], 1), image, window), x.shape)]
  }),
}
