/** The card of a model: the README.md of its folder, in the form that Hugging Face's hub reads. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '#data/durable'
import { type Manifest, readManifest } from '#data/manifest'
import { parameterCount } from '#model/config'
import { parseEmbedderConfig } from '#model/embedder-folder'
import { parseConfig } from '#model/weights'
import { code, listed, prose, table, yamlText } from './model-card/markdown.ts'

/** A figure that was measured, with what repeats the measurement. */
export interface CardFigure {
  /** What was asked of the model, such as `held-out conversations, English`. */
  task: string
  metric: string
  value: number
  unit: string
  /** The command or the data behind the figure. */
  measured: string
}

export interface ModelCard {
  name: string
  /** The model makes embeddings and writes nothing. */
  embeds?: boolean
  /** SPDX identifier of the weights' own licence. */
  licence: string
  /** BCP 47 tags, such as en and zh. */
  languages: readonly string[]
  /** One paragraph: what the model is. */
  summary: string
  /** What it is meant for. */
  uses: readonly string[]
  /** What it can do, with measured figures where they are given. */
  can: readonly string[]
  cannot: readonly string[]
  figures: readonly CardFigure[]
  /** How it was trained: stages, steps, time, machine. */
  training: readonly string[]
}

/** A card that cannot be written: names the field or the file that is missing. */
export class ModelCardError extends Error {
  override name = 'ModelCardError'
}

/**
 * Writes README.md into a model's folder and returns its path. Size and shape come from the folder's configuration, what
 * it was trained on from its manifest. Throws ModelCardError where a field is empty or the folder holds no model, and
 * ManifestError where the manifest does not hold.
 */
export function writeModelCard(folder: string, card: ModelCard): string {
  checkCard(card)
  const path = join(folder, 'config.json')
  if (!existsSync(path)) throw new ModelCardError(`${path} does not exist: a card describes a finished model`)
  const weights = join(folder, 'model.safetensors')
  const size = existsSync(weights) ? `, ${(statSync(weights).size / 1e6).toFixed(1)} MB` : ''
  const target = join(folder, 'README.md')
  const manifest = readManifest(folder)
  const shape = card.embeds ? embedderShape(path, size, manifest) : decoderShape(path, size)
  writeDurably(target, cardText(card, shape, manifest))
  return target
}

function decoderShape(path: string, size: string): string {
  const { config, architecture } = parseConfig(readFileSync(path), path)
  return (
    `${(parameterCount(config) / 1e6).toFixed(2)} M parameters${size}: ${config.layers} layers of width ${config.width}, ` +
    `${config.heads} heads, a vocabulary of ${config.vocabSize} tokens, a window of ${config.contextLength} (${architecture}).`
  )
}

function embedderShape(path: string, size: string, { tokenizer }: Manifest): string {
  const { width, dimensions, contextLength } = parseEmbedderConfig(readFileSync(path), path)
  const lengths = dimensions.filter((length) => length < width)
  const cut = lengths.length > 0 ? `, which may be cut to ${lengths.join(' or ')} and brought to length 1 again` : ''
  return (
    `${((tokenizer.vocabSize * width) / 1e6).toFixed(2)} M parameters${size}: a vector of ${width} numbers for each of ` +
    `${tokenizer.vocabSize} tokens; a text’s vector is their mean, of length 1${cut}. Texts of up to ${contextLength} tokens (StaticModel).`
  )
}

function checkCard(card: ModelCard): void {
  for (const field of ['name', 'licence', 'summary'] as const)
    if (card[field].trim() === '') throw new ModelCardError(`${field} is empty`)
  for (const field of ['languages', 'uses', 'can', 'cannot', 'training'] as const)
    if (card[field].length === 0) throw new ModelCardError(`${field} is empty: say it, or do not publish the model`)
  for (const { task, value } of card.figures)
    if (!Number.isFinite(value)) throw new ModelCardError(`figures: "${task}" is ${value}, which nothing measures`)
}

function cardText(card: ModelCard, shape: string, manifest: Manifest): string {
  return `${frontMatter(card)}
# ${prose(card.name)}

${prose(card.summary)}

${shape}

## Uses

${listed(card.uses)}

## What it can do

${listed(card.can)}

## What it cannot do

${listed(card.cannot)}

## Evaluation

${evaluation(card.figures)}

## Training

${listed(card.training)}

## What it was trained on

${trainedOn(manifest)}
`
}

function frontMatter({ licence, languages, name, figures, embeds = false }: ModelCard): string {
  const pipeline = embeds ? 'sentence-similarity' : 'text-generation'
  const results = figures.map(
    ({ task, metric, value }) => `      - task:
          type: ${pipeline}
        dataset:
          type: ${yamlText(task)}
          name: ${yamlText(task)}
        metrics:
          - type: ${yamlText(metric)}
            value: ${value}`,
  )
  const index =
    results.length > 0 ? `model-index:\n  - name: ${yamlText(name)}\n    results:\n${results.join('\n')}\n` : ''
  return `---
license: ${yamlText(licence.toLowerCase())}
language:
${languages.map((tag) => `  - ${yamlText(tag)}`).join('\n')}
library_name: ${embeds ? 'model2vec' : 'transformers'}
pipeline_tag: ${pipeline}
tags:
  - dotline
${index}---
`
}

function evaluation(figures: readonly CardFigure[]): string {
  if (figures.length === 0) return 'Nothing has been measured.'
  const rows = figures.map(({ task, metric, value, unit, measured }) => [
    prose(task),
    prose(metric),
    `${Number(value.toPrecision(4))}${unit ? ` ${prose(unit)}` : ''}`,
    code(measured),
  ])
  return table(['Task', 'Metric', 'Value', 'Measured by'], rows)
}

function trainedOn({ sources, totals, sha256 }: Manifest): string {
  const count = (value: number) => value.toLocaleString('en-US')
  const rows = sources.map(({ source, licence, train }) => [
    prose(source),
    prose(licence),
    count(train.documents),
    count(train.bytes),
    count(train.tokens),
  ])
  return `${count(totals.documents)} documents, ${count(totals.bytes)} bytes, ${count(totals.tokens)} tokens, held-out ones included.
Every document stands in \`documents.jsonl.gz\` with its source, licence and hash; \`dotline manifest verify\` holds the list
against the data. A source that two stages used is listed for each.

${table(['Source', 'Licence', 'Documents', 'Bytes', 'Tokens'], rows)}

Manifest: \`${sha256}\``
}
