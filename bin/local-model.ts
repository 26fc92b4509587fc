import type { Engine } from '#serve/engine'
import { LocalEngine } from '#serve/local-engine'
import { texts } from './catalogue.ts'
import { chooseModel } from './shipped-model.ts'

/** A model in a worker of this process, ready to answer. */
export interface LocalModel {
  engine: Engine
  id: string
  folder: string
  /** Tokens. */
  contextLength: number
}

/** Opens the model named by `--model`, or the shipped one, for one conversation at a time. */
export async function openLocalModel(named: string | undefined, threads: number | undefined): Promise<LocalModel> {
  const { folder, id } = chooseModel(named)
  const engine = new LocalEngine({ folder, id, slots: 1, threads })
  await engine.ready()
  const { problem } = engine.status()
  const [model] = engine.models()
  if (problem === null && model.contextLength !== null)
    return { engine, id: model.id, folder, contextLength: model.contextLength }
  await engine.close()
  throw new Error(texts().failure.modelUnusable(folder, problem ?? texts().failure.noWindow))
}
