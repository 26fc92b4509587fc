import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Language, languageOf } from './language.ts'

/** The model that a command is to use. */
export interface ChosenModel {
  folder: string
  /** The name that it answers to; undefined takes the folder's own. */
  id: string | undefined
}

/** There is no model to use; the message says how to get one. */
export class NoModelError extends Error {
  override name = 'NoModelError'
}

const starter = fileURLToPath(new URL('../starter', import.meta.url))

/**
 * The model named by `--model`, a run's folder standing for the model in it, or the starter model of this checkout.
 * Throws NoModelError where it is not there.
 */
export function chooseModel(named: string | undefined, shipped = starter): ChosenModel {
  if (named === undefined) {
    if (existsSync(join(shipped, 'config.json'))) return { folder: shipped, id: 'dotline-starter' }
    throw new NoModelError(noStarter[languageOf(process.env)])
  }
  const folder = resolve(named)
  const found = [folder, join(folder, 'model')].find((each) => existsSync(join(each, 'config.json')))
  if (found === undefined)
    throw new NoModelError(
      `there is no model in ${folder}: it holds no config.json. Name a model's folder, or a finished run's.`,
    )
  // A run names the model in it.
  return { folder: found, id: basename(found) === 'model' ? basename(dirname(found)) : undefined }
}

const recipe = 'recipes/starter/pretrain.json'
const noStarter: Record<Language, string> = {
  en: `this checkout ships no starter model (there is no folder starter). Train one, for as many minutes as you like:
  npm run dotline -- train pretrain --config ${recipe} --minutes 10 --folder runs/mine
  npm run dotline -- serve --model runs/mine
Or name any model folder in Hugging Face's layout with --model.`,
  zh: `这份代码里没有随附的入门模型（缺少 starter 目录）。可以自己训练一个，时间随意：
  npm run dotline -- train pretrain --config ${recipe} --minutes 10 --folder runs/mine
  npm run dotline -- serve --model runs/mine
也可以用 --model 指定任意 Hugging Face 格式的模型目录。`,
}
