/** PPO on control tasks: environments, a pair of perceptrons, and the two put together. */
import type { Environment } from './environment.ts'
import { admitted, EnvironmentCollector, type FinishedEpisode } from './ppo/environment-collector.ts'
import { MlpForward } from './ppo/mlp-forward.ts'
import type { MlpConfig } from './ppo/mlp-layout.ts'
import { MlpLearner } from './ppo/mlp-learner.ts'
import { type PpoInput, parsePpoSettings } from './ppo/settings.ts'
import { Ppo } from './ppo.ts'
import { RunConfigError } from './run-config.ts'
import { VectorEnvironment } from './vector-environment.ts'

export type { FinishedEpisode } from './ppo/environment-collector.ts'

export interface ControlOptions {
  make: () => Environment
  /** Copies of the environment that play at once. */
  environments: number
  /** Steps of each copy in a rollout. */
  steps: number
  hidden?: readonly number[]
  ppo: PpoInput
  onEpisode?: (episode: FinishedEpisode) => void
}

export interface Control {
  ppo: Ppo
  /** Returns of whole episodes with the likeliest actions, in an environment of their own. */
  evaluate(episodes: number, seed: number): number[]
  release(): Promise<void>
}

export async function openControl(options: ControlOptions): Promise<Control> {
  const settings = parsePpoSettings(options.ppo)
  if (!Number.isSafeInteger(options.steps) || options.steps < 1)
    throw new RunConfigError(`steps is ${options.steps}; it must be a whole number from 1`)
  const environments = new VectorEnvironment(options.make, options.environments)
  const { actionSpace: space } = environments
  const config: MlpConfig = {
    inputs: environments.width,
    hidden: options.hidden ?? [64, 64],
    actions:
      space.kind === 'discrete' ? { kind: 'discrete', n: space.n } : { kind: 'gaussian', width: space.low.length },
  }
  const learner = await MlpLearner.open(config, settings)
  const forward = new MlpForward(config, learner.arrays.parameters)
  const { steps, onEpisode } = options
  const collector = new EnvironmentCollector({ environments, forward, steps, seed: settings.seed, onEpisode })
  return {
    ppo: new Ppo(settings, { collector, learner }),
    evaluate: (episodes, seed) => evaluate(options.make(), forward, episodes, seed),
    release: () => learner.release(),
  }
}

function evaluate(environment: Environment, forward: MlpForward, episodes: number, seed: number): number[] {
  forward.refresh()
  const action = new Float32Array(forward.actionWidth)
  return Array.from({ length: episodes }, (_, i) => {
    let { observation } = environment.reset(i === 0 ? seed : undefined)
    for (let total = 0; ; ) {
      forward.best(Float32Array.from(observation), 0, action)
      const step = environment.step(admitted(environment.actionSpace, action))
      total += step.reward
      if (step.terminated || step.truncated) return total
      observation = step.observation
    }
  })
}
