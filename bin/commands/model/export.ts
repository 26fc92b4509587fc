import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { texts } from '#bin/catalogue'
import { UsageError } from '#bin/command'
import { chooseModel } from '#bin/shipped-model'
import { exportGguf, type GgufDtype } from '#model/gguf-export'

const dtypes: readonly string[] = ['f32', 'f16', 'q8_0'] satisfies GgufDtype[]
const isDtype = (given: string | undefined): given is GgufDtype => given !== undefined && dtypes.includes(given)

/** A model folder as one GGUF file; the shipped model where no folder is named. */
export async function exportModel(
  gguf: string | undefined,
  given: { name?: string; licence?: string },
  names: string[],
) {
  if (!isDtype(gguf)) throw new UsageError(texts().usage.modelGguf(gguf ?? ''))
  const [file] = names.slice(-1)
  const chosen = chooseModel(names.length === 2 ? names[0] : undefined)
  const licence = given.licence ?? (await licenceOf(chosen.folder))
  await exportGguf(chosen.folder, file, { dtype: gguf, name: given.name ?? chosen.id, licence })
  const { size } = await stat(file)
  return texts().model.exported(file, (size / 2 ** 20).toFixed(1))
}

/** The licence that the model's card names in its head. */
async function licenceOf(folder: string): Promise<string | null> {
  const card = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '')
  const head = /^---\n([\s\S]*?)\n---/.exec(card)?.[1] ?? ''
  return /^license:\s*["']?([\w.-]{1,80})/m.exec(head)?.[1] ?? null
}
