/** A strict reader of Prometheus' text format 0.0.4: what it leaves open to readers is refused here. */

export interface Family {
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  /** Series as `name{label="value"}`, labels in their order. */
  samples: Map<string, number>
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const helpLine = new RegExp(`^# HELP (${metricName}) ((?:[^\\\\]|\\\\\\\\|\\\\n)+)$`)
const typeLine = new RegExp(`^# TYPE (${metricName}) (counter|gauge|histogram)$`)
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\]|\\\\["\\\\n])*"'
const sampleLine = new RegExp(`^(${metricName})(\\{(${label}(?:,${label})*)\\})? (\\S+)$`)
const numeral = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/i

/** @throws Error that names the first line that breaks the format. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, Family>()
  const lines = text.slice(0, -1).split('\n')
  for (let at = 0; at < lines.length; ) {
    const [, name, help] = helpLine.exec(lines[at]) ?? refuse(lines[at], 'a HELP line was due')
    const typed = typeLine.exec(lines[at + 1] ?? '') ?? refuse(lines[at + 1], 'a TYPE line was due')
    if (typed[1] !== name) refuse(lines[at + 1], `the type of ${name} was due`)
    if (families.has(name)) refuse(lines[at], 'a metric stands in two places')
    const family: Family = { type: typed[2] as Family['type'], help, samples: new Map() }
    for (at += 2; at < lines.length && !lines[at].startsWith('#'); at++) addSample(family, name, lines[at])
    if (family.type === 'histogram') checkHistogram(name, family)
    families.set(name, family)
  }
  return families
}

function addSample({ type, samples }: Family, name: string, line: string): void {
  const [, sample, labels = '', inner = '', value] = sampleLine.exec(line) ?? refuse(line, 'a sample was due')
  const allowed = type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
  if (!allowed.includes(sample)) refuse(line, `a sample of ${name} was due`)
  if (type === 'counter' && !name.endsWith('_total')) refuse(line, 'the name of a counter ends with _total')
  if (!numeral.test(value)) refuse(line, 'the value is no number')
  const names = inner.match(/[a-zA-Z_][a-zA-Z0-9_]*(?==")/g) ?? []
  if (new Set(names).size < names.length) refuse(line, 'a label stands twice')
  if (samples.has(sample + labels)) refuse(line, 'a series stands twice')
  const number = Number(value.replace('Inf', 'Infinity'))
  if (type !== 'gauge' && !(number >= 0)) refuse(line, 'what is counted is not below nothing')
  samples.set(sample + labels, number)
}

/** Bounds rise to infinity, counts do not fall, and the last is the count of all. */
function checkHistogram(name: string, { samples }: Family): void {
  const buckets = [...samples].flatMap(([key, count]) => {
    const bound = /\{le="([^"]+)"\}$/.exec(key)?.[1]
    return bound === undefined ? [] : [{ bound: Number(bound.replace('Inf', 'Infinity')), count }]
  })
  if (buckets.at(-1)?.bound !== Number.POSITIVE_INFINITY) refuse(name, 'the last bound is not +Inf')
  for (const [at, { bound, count }] of buckets.entries()) {
    if (at > 0 && !(bound > buckets[at - 1].bound)) refuse(name, 'bounds do not rise')
    if (at > 0 && count < buckets[at - 1].count) refuse(name, 'counts fall')
  }
  if (buckets.at(-1)?.count !== samples.get(`${name}_count`)) refuse(name, 'the count is not that of +Inf')
  if (!samples.has(`${name}_sum`)) refuse(name, 'the sum is missing')
}

function refuse(line: string | undefined, why: string): never {
  throw new Error(`${why}: ${line ?? '(the end)'}`)
}
