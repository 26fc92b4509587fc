/** The environments that can be had by Gymnasium's names. */
import { type Environment, EnvironmentError } from './environment.ts'
import { Acrobot } from './environments/acrobot.ts'
import { CartPole } from './environments/cartpole.ts'
import { Pendulum } from './environments/pendulum.ts'

const made = {
  'CartPole-v1': () => new CartPole(),
  'Acrobot-v1': () => new Acrobot(),
  'Pendulum-v1': () => new Pendulum(),
}

export type EnvironmentName = keyof typeof made
export const environmentNames = Object.keys(made) as EnvironmentName[]

export function makeEnvironment(name: EnvironmentName): Environment {
  if (!Object.hasOwn(made, name))
    throw new EnvironmentError(
      `makeEnvironment: there is no ${JSON.stringify(name)}; there is ${environmentNames.join(', ')}`,
    )
  return made[name]() as Environment
}
