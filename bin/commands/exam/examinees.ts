import { chooseModel } from '#bin/shipped-model'
import type { Examinee } from '#exam/examinee'
import { openHttpExaminee } from '#exam/http-examinee'
import { openLocalExaminee } from '#exam/local-examinee'

/** A folder, or the address of an API with the model's name after `#`. */
export async function openExaminee(
  named: string | undefined,
  options: { slots: number; threads: number | undefined },
): Promise<Examinee> {
  if (named !== undefined && /^https?:\/\//.test(named)) {
    const [url, model] = named.split('#', 2)
    const key = process.env.DOTLINE_EXAM_KEY
    return await openHttpExaminee({ url, model: model || undefined, key, fetch })
  }
  const { folder, id } = chooseModel(named)
  return await openLocalExaminee(folder, { name: id ?? folder, ...options })
}
