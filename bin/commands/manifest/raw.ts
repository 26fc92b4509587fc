import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { readManifest } from '#data/manifest'
import { compareWithSources, type RawReport } from '#data/raw-documents'
import { notedBase } from '#train/run-base'
import { type RunConfig, readRunConfig } from '#train/run-config'
import { corpusSources } from '#train/run-data'

export interface RawCheck extends RawReport {
  /** Files of the run's configuration that are not here. */
  absent: string[]
  /** Documents that came with the weights the run started from, which are verified at their own run. */
  inherited: number
}

/**
 * Reads the raw sources of the run that a manifest belongs to, as far as they are here. Null where it belongs to none:
 * then nothing says where they lie.
 */
export async function checkRawDocuments(folder: string, givenBase: string | undefined): Promise<RawCheck | null> {
  const runFolder = [folder, dirname(folder)].find((place) => existsSync(join(place, 'run.json')))
  const data = runFolder && join(runFolder, 'data')
  if (!data || !existsSync(join(data, 'manifest.json'))) return null
  const run: RunConfig = readRunConfig(join(runFolder, 'run.json'))
  const base = givenBase === undefined ? (notedBase(runFolder) ?? process.cwd()) : resolve(givenBase)
  const { sources, absent } = corpusSources(run, base)
  const report = await compareWithSources(data, sources, run.validationShare)
  const inherited = readManifest(folder).documents.count - readManifest(data).documents.count
  return { ...report, absent, inherited }
}

/** The check in sentences: what is wrong, what was not checked, and what holds. */
export function describeRawCheck(check: RawCheck | null): { problems: string[]; notes: string[]; result: string } {
  if (!check)
    return {
      problems: [],
      notes: ['The raw documents were not checked: only the folder of a run says where they lie.'],
      result: '',
    }
  const { found, missing, first, unchecked, absent, inherited } = check
  const problems = [...check.problems]
  if (first)
    problems.push(
      `Documents of the manifest that are not in the raw sources, or were changed there: ${missing}. The first: ${first.origin} of ${first.source} (sha256 ${first.sha256})`,
    )
  const notes = absent.map((path) => `Not here, so not checked: ${relative('', path)}`)
  if (unchecked > 0) notes.push(`Documents from sources that are not here, so not checked: ${unchecked}`)
  if (inherited > 0)
    notes.push(`${inherited} documents came with the weights that the run started from: verify the run that made them.`)
  return { problems, notes, result: `${found} raw documents are the ones of the manifest.` }
}
