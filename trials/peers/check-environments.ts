/**
 * Our environments against Gymnasium's, step by step: the same seeds and actions, and each step also from Gymnasium's own
 * state before it, since Acrobot's chaos makes any rounding large in time. `npm run check:peers -- --environments`; with
 * `--store`, the episodes that the unit tests keep are written anew.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '#data/shuffle'
import { type Environment, sample } from '#train/environment'
import { type EnvironmentName, environmentNames, makeEnvironment } from '#train/environments'
import type { Figures } from '#trials/figures'
import type { PeerProcess } from '#trials/peers/peer-process'
import { startPython } from '#trials/peers/python'

const stored = fileURLToPath(new URL('../../train/environments/episodes.jsonl', import.meta.url))
const episodesEach = 20
/** Steps at each end of a stored episode whose states are kept. */
const keptSteps = 30
const mostSteps = 500

/** What Gymnasium saw; `states` and `observations` have one more than `rewards`. */
interface Played {
  states: number[][]
  observations: number[][]
  rewards: number[]
  terminated: boolean
  truncated: boolean
}

type Given = { name: EnvironmentName; seed: number; actions: number[] }

/** Actions at random, or by a rule that keeps the pole up and swings the links, so that every kind of end occurs. */
function actionsFor(name: EnvironmentName, seed: number): number[] {
  const environment = makeEnvironment(name)
  const random = seededRandom(seed)
  const skilled = seed % 2 === 1
  let { observation } = environment.reset(seed)
  const actions: number[] = []
  for (let step = 0; step < mostSteps; step++) {
    const action = skilled ? skill(name, observation) : anything(environment, random)
    actions.push(action)
    const next = environment.step(name === 'Pendulum-v1' ? Float64Array.of(action) : action)
    if (next.terminated || next.truncated) break
    observation = next.observation
  }
  return actions
}

/** A torque beyond the box now and then: it must be cut alike. */
function anything(environment: Environment, random: () => number): number {
  const point = sample(environment.actionSpace, random)
  return typeof point === 'number' ? point : 1.5 * point[0]
}

function skill(name: EnvironmentName, seen: Float64Array): number {
  if (name === 'CartPole-v1') return seen[2] + 0.3 * seen[3] + 0.02 * seen[0] + 0.05 * seen[1] > 0 ? 1 : 0
  if (name === 'Acrobot-v1') return seen[5] > 0 ? 2 : 0
  return seen[2] > 0 ? 2 : -2
}

/** The largest distances of one episode; `whole` where it has the length and the end that it has when ours runs alone. */
function compare({ name, seed, actions }: Given, theirs: Played) {
  const single = makeEnvironment(name)
  const first = single.reset(seed)
  const start = distance(physical(single), theirs.states[0])
  let oneStep = 0
  let seen = distance(first.observation.map(Math.fround), theirs.observations[0])
  let length = 0
  for (const [i, reward] of theirs.rewards.entries()) {
    const action = name === 'Pendulum-v1' ? Float64Array.of(actions[i]) : actions[i]
    single.restore({ ...single.state(), physical: theirs.states[i], running: true })
    const ours = single.step(action)
    oneStep = Math.max(oneStep, distance(physical(single), theirs.states[i + 1]), Math.abs(ours.reward - reward))
    seen = Math.max(seen, distance(ours.observation, theirs.observations[i + 1]))
    const ended = i + 1 === theirs.rewards.length
    const same = ours.terminated === (ended && theirs.terminated) && ours.truncated === (ended && theirs.truncated)
    if (!same) break
    length++
  }
  return { start, oneStep, seen, whole: length === theirs.rewards.length && length === actions.length }
}

const physical = (environment: Environment): readonly number[] => environment.state().physical as readonly number[]

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]) / (1 + Math.abs(b[i]))), 0)
}

async function checkSpaces(peer: PeerProcess, name: EnvironmentName): Promise<boolean> {
  type Shown = { n?: number; low?: string[]; high?: string[] }
  const theirs = await peer.ask<Record<'observation' | 'action', Shown>>({ do: 'spaces', name })
  const environment = makeEnvironment(name)
  return ([environment.observationSpace, environment.actionSpace] as const).every((space, i) => {
    const shown = i === 0 ? theirs.observation : theirs.action
    if (space.kind === 'discrete') return shown.n === space.n
    const rounded = (bounds: Float64Array) => Array.from(bounds, Math.fround).join()
    const given = (bounds: string[] = []) => bounds.map((each) => Number(each.replace('inf', 'Infinity'))).join()
    return rounded(space.low) === given(shown.low) && rounded(space.high) === given(shown.high)
  })
}

/** Records the figures of all environments; with `store`, writes the episodes for the unit tests. */
export async function checkEnvironments(figures: Figures, store: boolean): Promise<void> {
  const peer = startPython('Gymnasium', 'today', 'environments.py')
  const lines: string[] = []
  try {
    for (const name of environmentNames) {
      figures.record(`peers.${name}.spaces`, Number(await checkSpaces(peer, name)), 'equal', { op: '=', value: 1 })
      const found: ReturnType<typeof compare>[] = []
      for (let seed = 0; seed < episodesEach; seed++) {
        const given = { name, seed, actions: actionsFor(name, seed) }
        const theirs = await peer.ask<Played>({ do: 'episode', ...given })
        found.push(compare(given, theirs))
        if (seed < 4) lines.push(JSON.stringify(shortened(given, theirs)))
      }
      const worst = (key: 'start' | 'oneStep' | 'seen') => Math.max(...found.map((each) => each[key]))
      figures.record(`peers.${name}.start`, worst('start'), 'relative', { op: '=', value: 0 })
      figures.record(`peers.${name}.step`, worst('oneStep'), 'relative', { op: '<=', value: 1e-13 })
      figures.record(`peers.${name}.observation`, worst('seen'), 'relative', { op: '<=', value: 1e-7 })
      const whole = found.filter((each) => each.whole).length
      figures.record(`peers.${name}.episodes`, whole, `ended alike of ${episodesEach}`, {
        op: '=',
        value: episodesEach,
      })
    }
  } finally {
    await peer.close()
  }
  if (store) writeFileSync(stored, `${lines.join('\n')}\n`)
}

/** Without the middle of a long episode's states. */
function shortened(given: Given, { states, rewards, terminated, truncated }: Played) {
  const { length } = rewards
  const kept = (at: number) => at <= keptSteps || at >= length - keptSteps
  return {
    ...given,
    length,
    total: rewards.reduce((a, b) => a + b, 0),
    terminated,
    truncated,
    states: Object.fromEntries(states.flatMap((state, at) => (kept(at) ? [[at, state]] : []))),
    rewards: Object.fromEntries(rewards.flatMap((reward, at) => (kept(at + 1) ? [[at + 1, reward]] : []))),
  }
}
