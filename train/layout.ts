/** Where each parameter lies in the one flat array that a run trains, and which optimizer changes it. */
import { type GptConfig, type ParameterSpec, parameterSpecs } from '#model/config'

/** AdamW's work is handed out in pieces of this many values. */
export const chunkSize = 262_144

export type UpdateKind = 'adamw' | 'adamw-decay' | 'muon'

export interface Placed {
  name: string
  shape: readonly number[]
  kind: UpdateKind
  offset: number
  size: number
}

export interface ParameterLayout {
  placed: readonly Placed[]
  /** Values of the flat array, padding included. */
  size: number
}

/** Matrices are decayed and, where asked for, updated by Muon; embeddings are decayed; norms and biases are not. */
function updateKind(spec: ParameterSpec, useMuon: boolean): UpdateKind {
  if (spec.kind === 'matrix') return useMuon ? 'muon' : 'adamw-decay'
  return spec.kind === 'embedding' ? 'adamw-decay' : 'adamw'
}

export const layoutOf = (config: GptConfig, useMuon: boolean): ParameterLayout =>
  layoutOfSpecs(parameterSpecs(config), useMuon)

/** Lays out parameters: those of one update kind together, each kind from a chunk's beginning. */
export function layoutOfSpecs(all: readonly ParameterSpec[], useMuon: boolean): ParameterLayout {
  const specs = all.map((spec) => ({ ...spec, update: updateKind(spec, useMuon) }))
  const placed: Placed[] = []
  let offset = 0
  for (const kind of ['adamw', 'adamw-decay', 'muon'] as const) {
    for (const { name, shape, update } of specs) {
      if (update !== kind) continue
      const size = shape.reduce((a, b) => a * b, 1)
      placed.push({ name, shape, kind, offset, size })
      // Rows of 64 bytes: vector loads never straddle two parameters.
      offset += Math.ceil(size / 16) * 16
    }
    offset = Math.ceil(offset / chunkSize) * chunkSize
  }
  return { placed, size: offset }
}

/** A view of each parameter in a flat array of the layout. */
export function views(layout: ParameterLayout, flat: Float32Array): Map<string, Float32Array> {
  return new Map(layout.placed.map((p) => [p.name, flat.subarray(p.offset, p.offset + p.size)]))
}

/** One piece of optimizer work: a chunk for AdamW or a matrix for Muon. */
export interface Unit {
  kind: UpdateKind
  offset: number
  size: number
  shape: readonly number[]
}

/** Splits the optimizer's work over replicas, heaviest pieces first, so that all end at about the same time. */
export function shareUnits(layout: ParameterLayout, replicas: number): Unit[][] {
  const units: Unit[] = []
  for (const kind of ['adamw', 'adamw-decay'] as const) {
    const mine = layout.placed.filter((p) => p.kind === kind)
    if (mine.length === 0) continue
    const end = mine[mine.length - 1].offset + mine[mine.length - 1].size
    for (let offset = mine[0].offset; offset < end; offset += chunkSize)
      units.push({ kind, offset, size: chunkSize, shape: [chunkSize] })
  }
  for (const { kind, offset, size, shape } of layout.placed)
    if (kind === 'muon') units.push({ kind, offset, size, shape })
  const load = new Array<number>(replicas).fill(0)
  const shares: Unit[][] = load.map(() => [])
  for (const unit of units.sort((a, b) => cost(b) - cost(a) || a.offset - b.offset)) {
    const lightest = load.indexOf(Math.min(...load))
    load[lightest] += cost(unit)
    shares[lightest].push(unit)
  }
  return shares
}

function cost(unit: Unit): number {
  if (unit.kind !== 'muon') return unit.size * 40
  const short = Math.min(...unit.shape)
  return unit.size * short * 20
}
