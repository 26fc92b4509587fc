import { parameterCount } from '#model/config'
import { flopsPerToken } from '../flops.ts'
import type { EmbeddingSettings } from '../run-config.ts'
import { curves } from './curves.ts'
import type { RunFacts } from './facts.ts'
import { answerScores } from './flights.ts'
import { html, Markup, type Part } from './markup.ts'
import { clock, compact, median, size, whole } from './numbers.ts'
import { preferenceScores } from './preferences.ts'
import { retrievalScores } from './retrieval.ts'
import { style } from './style.ts'
import { columns, pairs } from './tables.ts'

type State = 'done' | 'live' | 'ahead'

/** The report as one HTML document that asks for nothing else: no script, no font, no picture. */
export function renderReport(facts: RunFacts): string {
  const { run, steps, evaluations, samples, manifest, model, weightBytes } = facts
  const step = steps.at(-1)?.step ?? 0
  const finished = weightBytes !== null
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${run.name} · Dotline</title><style>${new Markup(style)}</style></head>
<body><main>${header(facts, step)}
<div class="line">${[
    stage(manifest ? 'done' : 'ahead', 'Data', '数据', data(facts)),
    stage(model ? 'done' : 'ahead', 'Model', '模型', shape(facts)),
    stage(step === 0 ? 'ahead' : finished ? 'done' : 'live', 'Training', '训练', curves(facts)),
    stage(evaluations.length === 0 ? 'ahead' : finished ? 'done' : 'live', 'Scores', '成绩', scores(facts)),
    stage(samples.length === 0 ? 'ahead' : 'done', 'Samples', '样例', sampled(facts)),
    stage(finished ? 'done' : 'ahead', 'Weights', '权重', weights(facts, step)),
  ]}</div>
<footer>Written by Dotline on ${facts.written.toISOString().slice(0, 16).replace('T', ' ')} UTC, on ${facts.machine}.</footer>
</main></body></html>
`
  return page.text
}

const both = (en: string, zh: string): Markup => html`${en}<span lang="zh">${zh}</span>`

function stage(state: State, en: string, zh: string, content: Part): Markup {
  return html`<section class="${state}"><h2>${both(en, zh)}</h2>${content}</section>
`
}

const stageNames: Record<RunFacts['run']['stage'], string> = {
  pretrain: 'Pre-training · 预训练',
  sft: 'Supervised fine-tuning · 监督微调',
  reward: 'Reward model · 奖励模型',
  dpo: 'Direct preference optimisation · 直接偏好优化',
  ppo: 'Proximal policy optimisation · 近端策略优化',
  grpo: 'Group relative policy optimisation · 组相对策略优化',
  'best-of-n': 'Best of n, learnt again · 择优再学',
  embed: 'Embedding model · 嵌入模型',
}

function header(facts: RunFacts, step: number): Markup {
  const { run, steps, model, manifest, weightBytes } = facts
  const what = stageNames[run.stage] + (run.lora ? `, LoRA of rank ${run.lora.rank}` : '')
  const where = weightBytes === null ? `step ${whole(step)} of ${whole(run.steps)}` : `finished, ${whole(step)} steps`
  const last = steps.at(-1)
  const flops = model ? (last?.tokens ?? 0) * flopsPerToken(model, run.sequence) : null
  const figures: [string, string, Part][] = [
    [
      'Parameters',
      '参数',
      model ? compact(run.embedding ? model.vocabSize * model.width : parameterCount(model)) : '–',
    ],
    ['Tokens learnt', '已学词元', compact(last?.tokens ?? 0)],
    ['Training time', '训练用时', clock(last?.seconds ?? 0)],
    ['Compute', '计算量', flops === null ? '–' : html`${compact(flops)}<small>FLOP</small>`],
    ['Tokens per second', '每秒词元', compact(median(steps.map((s) => s.tokensPerSecond)))],
    ['Data', '数据', manifest ? size(manifest.totals.bytes) : '–'],
    ['Documents', '文档', manifest ? whole(manifest.totals.documents) : '–'],
    ['Licences', '许可', manifest ? licenceFigure(manifest.sources) : '–'],
  ]
  return html`<header><h1>${run.name}</h1><p>${what} · ${where}</p>
<dl class="figures">${figures.map(([en, zh, value]) => html`<div><dt>${both(en, zh)}</dt><dd>${value}</dd></div>`)}</dl></header>
`
}

function licenceFigure(sources: readonly { licence: string }[]): Part {
  const licences = [...new Set(sources.map(({ licence }) => licence))]
  return licences.length === 1 ? licences[0] : html`${licences.length}<small> in ${sources.length} sources</small>`
}

function data({ manifest }: RunFacts): Markup {
  if (!manifest) return html`<p>Not prepared yet · 尚未准备</p>`
  const { sources, totals } = manifest
  const held = sources.reduce((sum, { validation }) => sum + validation.documents, 0)
  const rows = sources.map(({ source, licence, train, validation }) => [
    brief(source),
    licence,
    whole(train.documents),
    size(train.bytes),
    compact(train.tokens),
    whole(validation.documents),
  ])
  const [bytes, tokens] = [trained(sources, 'bytes'), trained(sources, 'tokens')]
  const sum = ['All 合计', '', whole(totals.documents - held), size(bytes), compact(tokens), whole(held)]
  return html`<p>What the weights learned from, each source with its licence; the documents stand in <code>data/manifest.json</code>.</p>
${columns(['Source 来源', 'Licence 许可', 'Documents 文档', 'Text 文本', 'Tokens 词元', 'Held out 留出'], rows, { numbers: 2, sum })}`
}

/** A source as a table can show it: a commit by its first digits, of a long list the first two. */
function brief(source: string): string {
  const parts = source.replace(/@([0-9a-f]{7})[0-9a-f]+/g, '@$1').split(', ')
  return parts.length <= 3 ? parts.join(', ') : `${parts.slice(0, 2).join(', ')} and ${parts.length - 2} more`
}

const trained = (sources: NonNullable<RunFacts['manifest']>['sources'], unit: 'bytes' | 'tokens') =>
  sources.reduce((total, { train }) => total + train[unit], 0)

function shape({ model, run }: RunFacts): Markup {
  const { optimizer } = run
  if (!model)
    return html`<p>${run.init ? `It starts from ${run.init}.` : 'Not known before the tokenizer is · 尚不知'}</p>`
  if (run.embedding) return table(model, run, run.embedding)
  return pairs([
    ['Shape 结构', `${model.layers} layers, width ${model.width}, feed-forward ${model.hidden}`],
    ['Attention 注意力', `${model.heads} heads of ${model.headWidth}, ${model.kvHeads} for keys and values`],
    [
      'Details 细节',
      `${model.positions}, ${model.norm}, ${model.activation}${model.tiedEmbeddings ? ', tied embeddings' : ''}`,
    ],
    ['Vocabulary 词表', `${whole(model.vocabSize)} tokens`],
    ['Window 窗口', `${whole(model.contextLength)} tokens, trained with ${whole(run.sequence)}`],
    ['Start 起点', run.init ?? `random weights, seed ${run.seed}`],
    ['Step 步', `${run.rows} sequences, ${whole(run.rows * run.sequence)} tokens`],
    [
      'Optimizer 优化器',
      `${optimizer.kind}, rate ${optimizer.learningRate}, ${optimizer.schedule}, warm-up ${optimizer.warmupSteps} steps, decay ${optimizer.weightDecay}, clipped at ${optimizer.clip}`,
    ],
  ])
}

function table(model: NonNullable<RunFacts['model']>, run: RunFacts['run'], settings: EmbeddingSettings): Markup {
  const { neighbours, crops, headings, temperature, cuts } = settings
  const { optimizer } = run
  return pairs([
    [
      'Shape 结构',
      `a vector of ${model.width} numbers for each of ${whole(model.vocabSize)} tokens; a text’s is their mean`,
    ],
    ['Lengths 长度', [model.width, ...cuts].join(', ')],
    ['Pairs 配对', `neighbours ${neighbours}, crops of one place ${crops}, a line and what follows ${headings}`],
    [
      'Step 步',
      `${run.rows} pairs of texts up to ${run.sequence} tokens, each against ${run.microRows - 1} others, temperature ${temperature}`,
    ],
    [
      'Optimizer 优化器',
      `${optimizer.kind}, rate ${optimizer.learningRate}, ${optimizer.schedule}, warm-up ${optimizer.warmupSteps} steps, seed ${run.seed}`,
    ],
  ])
}

function scores({ evaluations }: RunFacts): Markup {
  const last = evaluations.at(-1)
  if (!last) return html`<p>Not evaluated yet · 尚未评估</p>`
  if (last.preferences) return preferenceScores(evaluations)
  if (last.retrieval) return retrievalScores(evaluations)
  return html`${last.answers ? answerScores(evaluations) : null}${Object.keys(last.scores).length > 0 ? textScores(evaluations) : null}`
}

function textScores(evaluations: RunFacts['evaluations']): Markup {
  const last = evaluations[evaluations.length - 1]
  const rows = Object.entries(last.scores).map(([name, { loss, bitsPerByte }]) => {
    const all = evaluations.flatMap(({ step, scores }) =>
      scores[name] ? [{ step, value: scores[name].bitsPerByte }] : [],
    )
    const best = all.reduce((a, b) => (b.value < a.value ? b : a))
    return [
      name,
      loss.toFixed(3),
      bitsPerByte.toFixed(3),
      `${best.value.toFixed(3)} at ${whole(best.step)}`,
      all[0].value.toFixed(3),
    ]
  })
  const head = ['Source 来源', 'Loss 损失', 'Bits per byte 每字节比特', 'Best, at step 最佳', 'First 最初']
  return html`<p>On held-out documents, at step ${whole(last.step)}. Fewer bits per byte are better, and comparable between tokenizers.</p>
${columns(head, rows, { numbers: 1 })}`
}

function sampled({ samples }: RunFacts): Markup {
  const last = samples.at(-1)?.step
  if (last === undefined) return html`<p>None taken · 没有取样</p>`
  const row = ({ prompt, text }: (typeof samples)[number]) => html`<td class="said"><b>${prompt}</b>${text}</td>`
  const earlier = samples.filter(({ step }) => step < last).reverse()
  const rows = (list: typeof samples) =>
    html`<table><tr><th>Step 步</th><th>Text 文本 (prompt in grey)</th></tr>${list.map(
      (sample) => html`<tr><td class="step">${whole(sample.step)}</td>${row(sample)}</tr>`,
    )}</table>`
  return html`<div class="wide text">${rows(samples.filter(({ step }) => step === last))}</div>
${earlier.length > 0 ? html`<details><summary>Earlier samples · 更早的样例 (${earlier.length})</summary><div class="wide text">${rows(earlier)}</div></details>` : null}`
}

function weights({ weightBytes, run }: RunFacts, step: number): Markup {
  if (weightBytes !== null && run.stage === 'reward')
    return html`<p><code>model/</code>, ${size(weightBytes)} in ${run.dtype}: a sequence classifier with one label. Rewards are what its head says less <code>reward_offset</code> of its configuration, read at the token that ends the answer.</p>`
  if (weightBytes !== null && run.stage === 'embed')
    return html`<p><code>model/</code>, ${size(weightBytes)} in ${run.dtype}, in model2vec’s layout: a vector for each token; a text’s is their mean, of length 1. Its beginning may be used alone, brought to length 1 again.</p>`
  if (weightBytes !== null)
    return html`<p><code>model/</code>, ${size(weightBytes)} in ${run.dtype}, with tokenizer, settings and manifest. Serve it: <code>dotline serve --model</code> with this folder.</p>`
  const said = step === 0 ? 'Training has not begun.' : 'The run is not at its end; checkpoints lie in'
  return html`<p>${said} ${step === 0 ? null : html`<code>checkpoints/</code>. Go on with <code>--resume</code>.`}</p>`
}
