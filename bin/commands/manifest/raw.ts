import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { texts } from '#bin/catalogue'
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
  const said = texts().manifest
  if (!check) return { problems: [], notes: [said.rawUnknown], result: '' }
  const { found, missing, first, unchecked, absent, inherited } = check
  const problems = [...check.problems]
  if (first) problems.push(said.rawMissing(missing, first.origin, first.source, first.sha256))
  const notes = absent.map((path) => said.absent(relative('', path)))
  if (unchecked > 0) notes.push(said.unchecked(unchecked))
  if (inherited > 0) notes.push(said.inherited(inherited))
  return { problems, notes, result: said.rawFound(found) }
}
