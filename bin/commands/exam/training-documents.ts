import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { texts } from '#bin/catalogue'
import type { Document } from '#data/document'
import { readDocuments } from '#data/readers'
import type { TrainingDocument } from '#exam/contamination'
import { notedBase } from '#train/run-base'
import { readRunConfig } from '#train/run-config'
import { corpusSources } from '#train/run-data'

/**
 * What a model learned from: the sources of the run that a folder belongs to, as its manifest's preparation read them, or
 * one data file. What is not here is said through `note`.
 */
export async function* trainingDocuments(
  place: string,
  note: (text: string) => void,
): AsyncGenerator<TrainingDocument> {
  const path = resolve(place)
  if (statSync(path).isFile()) {
    yield* fromFile(path, place)
    return
  }
  const run = [path, dirname(path)].find((folder) => existsSync(join(folder, 'run.json')))
  if (run === undefined)
    throw new Error(
      `${place} is neither a data file nor a run's folder: it holds no run.json, which says what was learned from`,
    )
  const { sources, absent } = corpusSources(readRunConfig(join(run, 'run.json')), notedBase(run) ?? process.cwd())
  for (const missing of absent) note(texts().exam.notHere(relative('', missing)))
  for (const source of sources) {
    if (source.documents) for await (const document of source.documents()) yield plain(document, source.name)
    for (const file of [source.path ?? []].flat()) yield* fromFile(file, source.name)
  }
}

async function* fromFile(path: string, source: string): AsyncGenerator<TrainingDocument> {
  for await (const document of readDocuments(path, { source, licence: 'NOASSERTION' })) yield plain(document, source)
}

function plain({ text, messages, preference, origin }: Document, source: string): TrainingDocument {
  const said = [
    text ?? '',
    ...(messages ?? []).map(({ content }) => content),
    ...(preference ? [...preference.prompt, ...preference.ranked.flat()].map(({ content }) => content) : []),
  ]
  return { text: said.filter(Boolean).join('\n'), origin: `${source}: ${origin}` }
}
