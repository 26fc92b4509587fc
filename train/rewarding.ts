/** What a reward model says of answers: conversations in, one number each out. */
import { answersPerRow } from '#data/preference-batches'
import { type LoadedReward, loadRewardModel } from '#model/reward-folder'
import { type MicroBatch, Replicas } from './replicas.ts'

/** Rows of a micro-batch. */
const rows = 4

export interface RewardingOptions {
  /** Tokens of a row; a conversation fits in one. */
  sequence: number
  replicas: number
}

/**
 * Rewards of whole conversations, each given as tokens that end with the answer's last. Throws RangeError for one that is
 * empty or longer than the row, and what `loadRewardModel` throws.
 */
export async function rewardsOf(
  folder: string,
  conversations: readonly Uint32Array[],
  { sequence, replicas }: RewardingOptions,
): Promise<Float32Array> {
  const judge = await loadRewardModel(folder)
  for (const [i, { length }] of conversations.entries())
    if (length === 0 || length > sequence)
      throw new RangeError(`conversation ${i} has ${length} tokens: a row takes 1 to ${sequence}`)
  const model = open(judge, sequence, replicas)
  try {
    const laid = layOut(conversations, sequence)
    const values = await model.measure(laid.map(({ micro }) => micro))
    const rewards = new Float32Array(conversations.length)
    for (const [i, { of }] of laid.entries())
      for (const [place, conversation] of of.entries()) rewards[conversation] = values[i][place] - judge.offset
    return rewards
  } finally {
    await model.close()
  }
}

function open({ config, parameters }: LoadedReward, sequence: number, replicas: number): Replicas {
  const model = new Replicas({
    config: { ...config, dropout: 0 },
    objective: { kind: 'reward' },
    micro: { rows, length: sequence, packed: true },
    optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, muonMomentum: 0.95 },
    useMuon: false,
    replicas,
  })
  for (const [name, array] of model.views()) array.set(parameters.get(name)?.data ?? array)
  return model
}

interface Laid {
  micro: MicroBatch
  /** The conversations in it, by their places among its answers. */
  of: number[]
}

/** Fills row after row with conversations side by side, which do not see each other. */
function layOut(conversations: readonly Uint32Array[], sequence: number): Laid[] {
  const laid: Laid[] = []
  let row = rows
  let at = sequence
  for (const [i, ids] of conversations.entries()) {
    if (at + ids.length > sequence) {
      row++
      at = 0
    }
    if (row >= rows || laid.at(-1)?.of.length === rows * answersPerRow) {
      laid.push({ micro: empty(sequence), of: [] })
      row = 0
      at = 0
    }
    place(laid[laid.length - 1], i, ids, row * sequence + at)
    at += ids.length
  }
  return laid
}

function empty(sequence: number): MicroBatch {
  const size = rows * sequence
  const whole = () => new Int32Array(size)
  const more = { ends: new Int32Array(rows * answersPerRow) }
  const documents = whole().fill(rows * answersPerRow)
  return {
    tokens: whole(),
    targets: whole(),
    weights: new Float32Array(size),
    positions: whole(),
    documents,
    more,
    seed: 0,
  }
}

function place({ micro, of }: Laid, conversation: number, ids: Uint32Array, from: number): void {
  const number = of.push(conversation) - 1
  for (const [t, id] of ids.entries()) {
    micro.tokens[from + t] = id
    micro.positions[from + t] = t
    micro.documents[from + t] = number
  }
  const { ends } = micro.more as { ends: Int32Array }
  ends[number] = from + ids.length - 1
}
