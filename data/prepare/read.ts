import type { Document } from '#data/document'
import { ledgerEntryFor, type Provenance, provenance, verifyLedgerFile } from '#data/ledger'
import { normaliseLicence } from '#data/licence'
import { readDocuments } from '#data/readers'
import { type CorpusSource, PrepareError } from './source.ts'

/** A document with the part of the data it is fixed to, where its source holds out its tail. */
export interface ReadDocument {
  document: Document
  split?: 'train' | 'validation'
}

export function pathsOf({ path }: CorpusSource): readonly string[] {
  return path === undefined ? [] : typeof path === 'string' ? [path] : path
}

/** The largest text whose tail can be held out: it is read whole. */
const mostTailCharacters = 200_000_000

/** The names that a file's documents carry as their source and licence. Throws PrepareError where nothing says them. */
export function fileProvenance(source: CorpusSource, path: string): Provenance {
  const entry = source.source && source.licence ? undefined : ledgerEntryFor(path)
  const known = entry && provenance(entry)
  const where = source.source ?? known?.source
  if (!where) throw new PrepareError(`${path}: give its source, or a ledger.json beside it that lists it`)
  const licence = source.licence ? normaliseLicence(source.licence) : (known?.licence ?? 'NOASSERTION')
  return { source: where, licence }
}

/** Throws LedgerError where a file that takes its provenance from a ledger is not the one listed there. */
export async function checkLedgers(source: CorpusSource): Promise<void> {
  if (source.source && source.licence) return
  for (const path of pathsOf(source)) {
    const entry = ledgerEntryFor(path)
    if (entry) await verifyLedgerFile(path, entry)
  }
}

/** The documents of a source. */
export async function* readSource(source: CorpusSource, fraction: number): AsyncGenerator<ReadDocument> {
  const split = source.heldout ? ('train' as const) : undefined
  if (source.documents) for await (const document of source.documents()) yield { document, split }
  if (source.heldout) for await (const document of source.heldout()) yield { document, split: 'validation' }
  for (const path of pathsOf(source)) {
    const tail = source.split === 'tail'
    const documents = readDocuments(path, {
      ...fileProvenance(source, path),
      format: tail ? 'text' : source.format,
      placeholders: source.placeholders,
      ...(tail && { textLength: mostTailCharacters }),
    })
    let first = true
    for await (const document of documents) {
      if (!tail) yield { document }
      else if (first) yield* headAndTail(document, fraction)
      else throw new PrepareError(`${path} is too long for split "tail" (${mostTailCharacters} characters): use "hash"`)
      first = false
    }
  }
}

function headAndTail(document: Document, fraction: number): ReadDocument[] {
  const text = document.text ?? ''
  const cut = Math.floor(text.length * (1 - fraction))
  return [
    { document: { ...document, text: text.slice(0, cut) }, split: 'train' },
    { document: { ...document, text: text.slice(cut), origin: `${document.origin}, tail` }, split: 'validation' },
  ]
}
