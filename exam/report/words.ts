import type { Figure } from '../figures.ts'

/** Names of figures and kinds as a person reads them. */

const figureNames: Record<string, readonly [en: string, zh: string]> = {
  accuracy: ['accuracy', '正确率'],
  'accuracy.raw': ['accuracy, log-probability', '正确率，对数概率'],
  'accuracy.token': ['accuracy, per token', '正确率，按词元'],
  'accuracy.byte': ['accuracy, per byte', '正确率，按字节'],
  'accuracy.unconditional': ['accuracy, less the unconditional', '正确率，减去无条件概率'],
  'accuracy.ambiguous': ['accuracy, ambiguous contexts', '正确率，语境不明'],
  'accuracy.disambiguated': ['accuracy, clear contexts', '正确率，语境明确'],
  'bias.ambiguous': ['bias score, ambiguous contexts', '偏见分，语境不明'],
  'bias.disambiguated': ['bias score, clear contexts', '偏见分，语境明确'],
  'bits-per-byte': ['bits per byte', '每字节比特数'],
  'perplexity-per-token': ['perplexity per token', '词元困惑度'],
  'commonest-label': ['always the commonest label', '总答最常见的标签'],
  consistency: ['the same answer for both groups', '两组回答一致'],
  'cut-off': ['answers cut off', '未写完的回答'],
  difference: ['first less second', '前者减后者'],
  distance: ['distance between the groups', '两组的距离'],
  equal: ['equally good', '不分高下'],
  f1: ['F1', 'F1'],
  'logprob-per-token': ['log-probability per token', '每词元对数概率'],
  lost: ['lost', '负'],
  'macro-f1': ['macro F1', '宏平均 F1'],
  matthews: ['Matthews correlation', '马修斯相关'],
  mc2: ['MC2: mass of true answers', 'MC2：真答案的概率'],
  pearson: ['Pearson correlation', '皮尔逊相关'],
  'answered-safe': ['answered what is safe', '该答则答'],
  'refused-unsafe': ['refused what is unsafe', '该拒则拒'],
  'refusal-f1': ['F1 of refusals', '拒答 F1'],
  spearman: ['Spearman correlation', '斯皮尔曼相关'],
  'win-rate': ['win rate', '胜率'],
  won: ['won', '胜'],
}

export function figureName(name: string): { en: string; zh: string } {
  const clean = name.endsWith('.clean')
  const [en, zh] = figureNames[clean ? name.slice(0, -6) : name] ?? [name, '']
  return clean ? { en: `${en}, without marked items`, zh: `${zh}，不含被标记的题` } : { en, zh }
}

/** A value in its unit. */
export function shown(value: number, unit: Figure['unit']): string {
  if (!Number.isFinite(value)) return '–'
  return unit === 'share' ? `${(value * 100).toFixed(1)} %` : value.toFixed(Math.abs(value) >= 100 ? 1 : 3)
}

export const interval = ({ low, high, unit }: Figure): string => `${shown(low, unit)} – ${shown(high, unit)}`
