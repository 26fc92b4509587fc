/**
 * Iterations of our PPO from Stable-Baselines3's first weights, on the rollouts that it made: the weights afterwards must
 * be its own. A minibatch is the whole rollout, so that no order of drawing matters.
 */
import { openControl } from '#train/control'
import { type EnvironmentName, makeEnvironment } from '#train/environments'
import type { Snapshot } from '#train/ppo'
import type { Figures } from '#trials/figures'
import { startPython } from '#trials/peers/python'

const lanes = 4
const rollout = 64
const iterations = 3
const rows = lanes * rollout

const settings = {
  epochs: 10,
  minibatch: rows,
  gamma: 0.97,
  lambda: 0.9,
  clip: 0.1,
  clipSchedule: 'constant',
  valueWeight: 0.5,
  entropyWeight: 0.01,
  learningRate: 1e-3,
  learningRateSchedule: 'constant',
  gradientClip: 0.5,
} as const

type Weights = Record<string, number[]>

interface Iteration {
  before: Weights
  after: Weights
  observations: number[][]
  actions: number[][]
  rewards: number[]
  values: number[]
  log_probs: number[]
  /** 1 where a decision is the first of an episode. */
  episode_starts: number[]
  /** Of the decisions after the rollout: whether they are first, and what their states are worth. */
  startsNext: boolean[]
  following: number[]
}

/** Their names in the order in which our weights lie. */
const order = ['mlp_extractor.policy_net.0', 'mlp_extractor.policy_net.2', 'action_net']
  .concat(['mlp_extractor.value_net.0', 'mlp_extractor.value_net.2', 'value_net'])
  .flatMap((layer) => [`${layer}.weight`, `${layer}.bias`])
  .concat('log_std')

const flat = (weights: Weights): Float32Array => Float32Array.from(order.flatMap((name) => weights[name] ?? []))

/** Our snapshot after a rollout, with their rollout in place of ours. */
function exchanged({ state, arrays }: Snapshot, theirs: Iteration, first: boolean): Snapshot {
  const ends = new Uint8Array(rows)
  const bootstrap = new Float32Array(rows)
  for (let i = 0; i < rows; i++) {
    const lane = Math.floor(i / rollout)
    const last = i % rollout === rollout - 1
    const over = last ? theirs.startsNext[lane] : theirs.episode_starts[i + 1] === 1
    ends[i] = over ? 1 : last ? 2 : 0
    bootstrap[i] = theirs.following[lane]
  }
  return {
    state,
    arrays: {
      ...arrays,
      ...(first ? { 'learner.parameters': flat(theirs.before) } : {}),
      'experience.rewards': Float32Array.from(theirs.rewards),
      'experience.values': Float32Array.from(theirs.values),
      'experience.logProbs': Float32Array.from(theirs.log_probs),
      'experience.ends': ends,
      'experience.bootstrap': bootstrap,
      'column.observations': Float32Array.from(theirs.observations.flat()),
      'column.actions': Float32Array.from(theirs.actions.flat()),
    },
  }
}

/** How far the weights lie from theirs after each iteration, as a share of how far they went. */
async function distances(name: EnvironmentName, theirs: readonly Iteration[]): Promise<number[]> {
  const make = () => makeEnvironment(name)
  const ppo = { ...settings, seed: 1, iterations }
  const control = await openControl({ make, environments: lanes, steps: rollout, ppo })
  const found: number[] = []
  for (const [i, iteration] of theirs.entries()) {
    await control.ppo.advance()
    control.ppo.restore(exchanged(control.ppo.snapshot(), iteration, i === 0))
    await control.ppo.iterate()
    const ours = control.ppo.snapshot().arrays['learner.parameters']
    const [before, after] = [flat(iteration.before), flat(iteration.after)]
    const most = (of: ArrayLike<number>) =>
      after.reduce((worst, value, k) => Math.max(worst, Math.abs(value - of[k])), 0)
    found.push(ours.length === after.length ? most(ours) / most(before) : Number.MAX_VALUE)
  }
  await control.release()
  return found
}

export async function checkPpo(figures: Figures): Promise<void> {
  const peer = startPython('Stable-Baselines3', 'today', 'ppo.py')
  try {
    for (const name of ['CartPole-v1', 'Pendulum-v1'] as const) {
      const command = { do: 'updates', name, seed: 3, environments: lanes, rollout, ppo: settings, iterations }
      const theirs = await peer.ask<Iteration[]>(command)
      const worst = Math.max(...(await distances(name, theirs)))
      figures.record(`peers.${name}.ppo`, worst, 'of the way that the weights went', { op: '<=', value: 1e-3 })
    }
  } finally {
    await peer.close()
  }
}
