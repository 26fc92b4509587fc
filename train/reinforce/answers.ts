/** Answers as a policy and a value model read them: prompt and answer side by side in rows, several to a row. */
import type { Experience } from '../ppo/ports.ts'
import type { MicroBatch } from '../replicas.ts'

export interface AnswerShape {
  /** Tokens of a row, and rows of a micro-batch. */
  sequence: number
  rows: number
  /** Decisions and answers that a micro-batch has room for. */
  places: number
  answers: number
  padding: number
}

/** A micro-batch, and which decisions and answers of the experience it holds, in its order. */
export interface LaidOut {
  micro: MicroBatch
  decisions: Uint32Array
  units: Uint32Array
}

/** The columns of an experience over a language: `tokens` of prompts and answers, where each begins, and the prompts' lengths. */
export interface AnswerColumns {
  units: Uint32Array
  tokens: Int32Array
  starts: Uint32Array
  prompts: Uint32Array
}

export function columnsOf({ units, columns }: Pick<Experience, 'units' | 'columns'>): AnswerColumns {
  return {
    units: units as Uint32Array,
    tokens: columns.tokens as Int32Array,
    starts: columns.starts as Uint32Array,
    prompts: columns.prompts as Uint32Array,
  }
}

/** Values of decisions, by number among the chosen ones, under the names of a graph's inputs. */
export type DecisionValues = Readonly<Record<string, (decision: number) => number>>

/** Fills micro-batches with answers in the order given. */
export function layOut(of: AnswerColumns, chosen: ArrayLike<number>, shape: AnswerShape): LaidOut[] {
  const made: Filling[] = []
  for (let i = 0; i < chosen.length; i++) {
    const last = made.at(-1)
    if (last?.add(of, chosen[i])) continue
    const next = new Filling(shape)
    made.push(next)
    if (!next.add(of, chosen[i])) throw new RangeError(`answer ${chosen[i]} is longer than a row of ${shape.sequence}`)
  }
  return made.map((each) => each.done())
}

/** Adds a column to a micro-batch: the value of each decision, 0 where there is none. */
export function withColumn({ micro, decisions }: LaidOut, name: string, value: (decision: number) => number): void {
  const places = (micro.more as Record<string, Int32Array>).places.length
  const column = new Float32Array(places)
  for (let i = 0; i < decisions.length; i++) column[i] = value(decisions[i])
  ;(micro.more as Record<string, Float32Array>)[name] = column
}

class Filling {
  private readonly shape: AnswerShape
  private readonly arrays: Record<'tokens' | 'positions' | 'documents' | 'places' | 'actions' | 'ends', Int32Array>
  private readonly decisions: number[] = []
  private readonly units: number[] = []
  private row = 0
  private used = 0
  private document = 0

  constructor(shape: AnswerShape) {
    this.shape = shape
    const size = shape.rows * shape.sequence
    this.arrays = {
      tokens: new Int32Array(size).fill(shape.padding),
      positions: Int32Array.from({ length: size }, (_, i) => i % shape.sequence),
      // What is only padding sees itself alone.
      documents: new Int32Array(size).fill(-1),
      places: new Int32Array(shape.places),
      actions: new Int32Array(shape.places),
      ends: new Int32Array(shape.answers),
    }
  }

  /** False where it does not fit. */
  add({ units, tokens, starts, prompts }: AnswerColumns, unit: number): boolean {
    const { sequence, rows, places, answers } = this.shape
    const length = starts[unit + 1] - starts[unit]
    const count = units[unit + 1] - units[unit]
    if (length > sequence || this.decisions.length + count > places || this.units.length === answers) return false
    if (this.used + length > sequence) {
      if (this.row + 1 === rows) return false
      this.row++
      this.used = 0
    }
    const at = this.row * sequence + this.used
    const { arrays } = this
    for (let i = 0; i < length; i++) {
      arrays.tokens[at + i] = tokens[starts[unit] + i]
      arrays.positions[at + i] = i
      arrays.documents[at + i] = this.document
    }
    const prompt = prompts[unit]
    for (let k = 0; k < count; k++) {
      arrays.places[this.decisions.length] = at + prompt + k - 1
      arrays.actions[this.decisions.length] = tokens[starts[unit] + prompt + k]
      this.decisions.push(units[unit] + k)
    }
    arrays.ends[this.units.length] = at + length - 1
    this.units.push(unit)
    this.used += length
    this.document++
    return true
  }

  done(): LaidOut {
    const { tokens, positions, documents, places, actions, ends } = this.arrays
    const none = new Float32Array(0)
    const micro = { tokens, positions, documents, targets: new Int32Array(0), weights: none, seed: 0 }
    return {
      micro: { ...micro, more: { places, actions, ends } },
      decisions: Uint32Array.from(this.decisions),
      units: Uint32Array.from(this.units),
    }
  }
}
