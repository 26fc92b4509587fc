import type { Node } from '../graph.ts'
import type { Value } from './array.ts'
import { type Interpretations, intOf, intsOf } from './rule.ts'

interface Window {
  strides: readonly number[]
  /** Top, left, bottom, right. */
  pads: readonly number[]
  dilations: readonly number[]
}

const windowOf = (node: Node): Window => ({
  strides: intsOf(node, 'strides', [1, 1]),
  pads: intsOf(node, 'pads', [0, 0, 0, 0]),
  dilations: intsOf(node, 'dilations', [1, 1]),
})

/** The output's size along axis 0 (height) or 1 (width). */
function outputSize(size: number, kernel: number, { strides, pads, dilations }: Window, axis: number): number {
  return Math.floor((size + pads[axis] + pads[axis + 2] - dilations[axis] * (kernel - 1) - 1) / strides[axis]) + 1
}

/** Calls `visit` for every output place and every kernel place that meets the image, not its padding. */
function slide(
  image: readonly number[],
  kernel: readonly number[],
  window: Window,
  visit: (output: number, place: number, pixel: number) => void,
): { height: number; width: number } {
  const [h, w] = image
  const [kh, kw] = kernel
  const { strides, pads, dilations } = window
  const height = outputSize(h, kh, window, 0)
  const width = outputSize(w, kw, window, 1)
  for (let oy = 0; oy < height; oy++)
    for (let ox = 0; ox < width; ox++)
      for (let ky = 0; ky < kh; ky++)
        for (let kx = 0; kx < kw; kx++) {
          const y = oy * strides[0] + ky * dilations[0] - pads[0]
          const x = ox * strides[1] + kx * dilations[1] - pads[1]
          if (y >= 0 && y < h && x >= 0 && x < w) visit(oy * width + ox, ky * kw + kx, y * w + x)
        }
  return { height, width }
}

/** Every triple of sample, channel out and channel in of its group. */
function* channels(samples: number, groups: number, outPerGroup: number, inPerGroup: number) {
  for (let n = 0; n < samples; n++)
    for (let g = 0; g < groups; g++)
      for (let o = 0; o < outPerGroup; o++)
        for (let i = 0; i < inPerGroup; i++) yield { n, out: g * outPerGroup + o, input: g * inPerGroup + i, i, o }
}

function addBias(y: Value, bias: Value | undefined): Value {
  if (!bias) return y
  const [, count, h, w] = y.shape
  return { shape: y.shape, data: y.data.map((v, at) => v + bias.data[Math.floor(at / (h * w)) % count]) }
}

function convolve(node: Node, [x, weight, bias]: readonly Value[]): Value {
  const window = windowOf(node)
  const groups = intOf(node, 'group', 1)
  const [samples, inputs, h, w] = x.shape
  const [outputs, perGroup, kh, kw] = weight.shape
  const shape = [samples, outputs, outputSize(h, kh, window, 0), outputSize(w, kw, window, 1)]
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1))
  const plane = shape[2] * shape[3]
  for (const { n, out, input, i } of channels(samples, groups, outputs / groups, perGroup))
    slide([h, w], [kh, kw], window, (o, place, pixel) => {
      const value = x.data[(n * inputs + input) * h * w + pixel]
      data[(n * outputs + out) * plane + o] += value * weight.data[(out * perGroup + i) * kh * kw + place]
    })
  return addBias({ shape, data }, bias)
}

/** The adjoint of `convolve`: x stands where its output stood, the result where its image stood. */
function convolveTransposed(node: Node, [x, weight, bias]: readonly Value[]): Value {
  const window = windowOf(node)
  const groups = intOf(node, 'group', 1)
  const extra = intsOf(node, 'output_padding', [0, 0])
  const [samples, inputs, h, w] = x.shape
  const [, perGroup, kh, kw] = weight.shape
  const outputs = perGroup * groups
  const sizeOf = (size: number, kernel: number, axis: number) =>
    window.strides[axis] * (size - 1) +
    extra[axis] +
    window.dilations[axis] * (kernel - 1) +
    1 -
    window.pads[axis] -
    window.pads[axis + 2]
  const shape = [samples, outputs, sizeOf(h, kh, 0), sizeOf(w, kw, 1)]
  const plane = shape[2] * shape[3]
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1))
  for (const { n, out, input, i } of channels(samples, groups, inputs / groups, perGroup))
    slide(shape.slice(2), [kh, kw], window, (o, place, pixel) => {
      const value = x.data[(n * inputs + out) * h * w + o]
      data[(n * outputs + input) * plane + pixel] += value * weight.data[(out * perGroup + i) * kh * kw + place]
    })
  return addBias({ shape, data }, bias)
}

function maxPool(node: Node, [x]: readonly Value[]): Value[] {
  const window = windowOf(node)
  const kernel = intsOf(node, 'kernel_shape', [])
  const [samples, channelCount, h, w] = x.shape
  const shape = [samples, channelCount, outputSize(h, kernel[0], window, 0), outputSize(w, kernel[1], window, 1)]
  const plane = shape[2] * shape[3]
  const data = new Float64Array(samples * channelCount * plane).fill(Number.NEGATIVE_INFINITY)
  const indices = new Float64Array(data.length)
  for (let c = 0; c < samples * channelCount; c++)
    slide([h, w], kernel, window, (o, _place, pixel) => {
      const at = c * plane + o
      if (x.data[c * h * w + pixel] <= data[at]) return
      data[at] = x.data[c * h * w + pixel]
      indices[at] = c * h * w + pixel
    })
  return [
    { shape, data },
    { shape, data: indices },
  ]
}

function averagePool(node: Node, [x]: readonly Value[]): Value {
  const window = windowOf(node)
  const kernel = intsOf(node, 'kernel_shape', [])
  const countsPadding = intOf(node, 'count_include_pad', 0) === 1
  const [samples, channelCount, h, w] = x.shape
  const shape = [samples, channelCount, outputSize(h, kernel[0], window, 0), outputSize(w, kernel[1], window, 1)]
  const plane = shape[2] * shape[3]
  const data = new Float64Array(samples * channelCount * plane)
  const counts = new Float64Array(data.length)
  for (let c = 0; c < samples * channelCount; c++)
    slide([h, w], kernel, window, (o, _place, pixel) => {
      data[c * plane + o] += x.data[c * h * w + pixel]
      counts[c * plane + o]++
    })
  return { shape, data: data.map((v, i) => v / (countsPadding ? kernel[0] * kernel[1] : counts[i])) }
}

export const convolution: Interpretations = {
  Conv: (node, inputs) => [convolve(node, inputs)],
  ConvTranspose: (node, inputs) => [convolveTransposed(node, inputs)],
  MaxPool: maxPool,
  AveragePool: (node, inputs) => [averagePool(node, inputs)],
}
