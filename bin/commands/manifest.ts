import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Manifest, readManifest, verifyManifest } from '#data/manifest'
import { texts } from '../catalogue.ts'
import { type Command, parse, UsageError } from '../command.ts'
import { table } from '../table.ts'
import { checkRawDocuments, describeRawCheck } from './manifest/raw.ts'

const options = {
  data: { type: 'string', multiple: true },
  base: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  const [action, named, ...extra] = positionals
  if ((action !== 'show' && action !== 'verify') || named === undefined || extra.length > 0)
    throw new UsageError(texts().usage.manifestAction)
  const folder = manifestFolder(resolve(named))
  if (action === 'verify') return verify(folder, values)
  const manifest = readManifest(folder)
  console.log(values.json ? JSON.stringify(manifest) : describe(manifest))
  return 0
}

/** The folder itself, or the model's or the data's inside a run. */
function manifestFolder(folder: string): string {
  const places = [folder, join(folder, 'model'), join(folder, 'data')]
  return places.find((place) => existsSync(join(place, 'manifest.json'))) ?? folder
}

type Values = ReturnType<typeof parse<typeof options>>['values']

async function verify(folder: string, { data, base, json }: Values): Promise<number> {
  const tokens = data?.map((path) => resolve(path)) ?? tokenFolders(folder)
  const report = await verifyManifest(folder, { tokens, inherited: inheritedFiles(folder) })
  // A manifest that does not hold says nothing that documents could be held against.
  const raw = report.ok ? await checkRawDocuments(folder, base) : null
  const ok = report.ok && raw?.ok !== false
  if (json) console.log(JSON.stringify({ ...report, ok, folder, tokens, raw }))
  else {
    const said = report.ok ? describeRawCheck(raw) : { problems: [], notes: [], result: '' }
    for (const line of [...report.problems, ...said.problems, ...said.notes]) console.error(line)
    const checked = tokens.length > 0
    if (!checked) console.error(texts().manifest.noTokens)
    if (report.elsewhere.length > 0) console.error(texts().manifest.elsewhere(report.elsewhere))
    console.log(texts().manifest[ok ? 'holds' : 'fails'](report.documents, checked))
    if (ok && said.result) console.log(said.result)
  }
  return ok ? 0 : 1
}

/** Where the manifest's token files lie: beside it, or in the data folder of the same run; nowhere for a model alone. */
function tokenFolders(folder: string): string[] {
  if (!existsSync(join(folder, 'manifest.json'))) return []
  const { files } = readManifest(folder)
  const places = new Set([folder, join(dirname(folder), 'data')])
  return [...places].filter((place) => files.some(({ name }) => existsSync(join(place, `${name}.tokens`))))
}

/** Files in the manifest of a run's model that came with the weights it started from: those before its own. */
function inheritedFiles(folder: string): number {
  const data = join(dirname(folder), 'data')
  if (![folder, data].every((place) => existsSync(join(place, 'manifest.json')))) return 0
  return Math.max(0, readManifest(folder).files.length - readManifest(data).files.length)
}

function describe(manifest: Manifest): string {
  const { sources, totals, tokenizer, preparations, sha256 } = manifest
  const rows = sources.map(({ source, licence, train, validation }) => [
    source,
    licence,
    grouped(train.documents),
    grouped(train.bytes),
    grouped(train.tokens),
    grouped(validation.documents),
  ])
  const total = ['all', '', grouped(totals.documents), grouped(totals.bytes), grouped(totals.tokens), '']
  const head = ['source', 'licence', 'documents', 'bytes', 'tokens', 'held out']
  const removed = sources.reduce((sum, { removed: { empty, exact, near } }) => sum + empty + exact + near, 0)
  return [
    table([head, ...rows, total], { right: [2, 3, 4, 5] }),
    '',
    `${grouped(removed)} documents were left out: empty after cleaning, or (nearly) the same as another.`,
    `Prepared ${preparations.length === 1 ? 'once' : `${preparations.length} times`}, with a tokenizer of ${grouped(tokenizer.vocabSize)} tokens.`,
    `sha256 ${sha256}`,
  ].join('\n')
}

const grouped = (count: number): string => count.toLocaleString('en-US')

export const manifest: Command = { run }
