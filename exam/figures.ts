/** Figures: a value never stands without how many items it rests on, its 95 % interval and what chance would reach. */
import { bootstrap, mean, wilson } from './statistics.ts'

export interface Figure {
  name: string
  value: number
  low: number
  high: number
  /** Items that it rests on. */
  n: number
  /** What guessing reaches; null where there is nothing to guess. */
  chance: number | null
  interval: 'wilson' | 'bootstrap'
  unit: 'share' | 'bits' | 'score'
  /** The one that stands for the task. */
  main: boolean
  better: 'higher' | 'lower' | 'zero'
  /** The value of each seed, where answers were sampled. */
  seeds?: number[]
}

/** What was made of one answer. */
export interface Mark {
  item: string
  seed: number
  group: string | null
  /** From 0 (wrong) to 1 (right), or another number that is averaged; null where the item could not be marked. */
  value: number | null
  /** What the examinee said, or chose. */
  said: string
  /** What would have been right. */
  right: string
  /** Further values by name: other normalisations, bits and bytes, gaps. */
  values?: Record<string, number>
  sorted?: { right: number; said: number }
  pair?: readonly [number, number]
  /** Whether the model refused. */
  refused?: boolean
  /** Why it was not marked, or what went wrong. */
  note?: string
  /** Examples that fit into the window, where they were fewer than wanted. */
  shots?: number
  contaminated?: boolean
}

export interface FigureOptions {
  name: string
  chance: number | null
  main?: boolean
  unit?: Figure['unit']
  better?: Figure['better']
}

/** Marks of an item in all seeds: the unit that is resampled, for an item's seeds are not independent. */
export function byItem(marks: readonly Mark[]): Mark[][] {
  const groups = new Map<string, Mark[]>()
  for (const mark of marks) {
    const group = groups.get(mark.item)
    if (group) group.push(mark)
    else groups.set(mark.item, [mark])
  }
  return [...groups.values()]
}

/** The mean of a value over items. Shares of one answer an item have Wilson's interval. */
export function meanFigure(
  marks: readonly Mark[],
  value: (mark: Mark) => number | null | undefined,
  { name, chance, main = false, unit = 'share', better = 'higher' }: FigureOptions,
): Figure {
  const counted = marks.filter((mark) => typeof value(mark) === 'number')
  const of = (mark: Mark) => value(mark) as number
  const items = byItem(counted).map((group) => mean(group.map(of)))
  const whole = unit === 'share' && items.length === counted.length && items.every((each) => each === 0 || each === 1)
  const seeds = [...new Set(counted.map(({ seed }) => seed))]
  const right = items.reduce((sum, each) => sum + each, 0)
  return {
    name,
    value: items.length === 0 ? Number.NaN : right / items.length,
    ...(whole ? wilson(right, items.length) : bootstrap(items, mean)),
    n: items.length,
    chance,
    interval: whole ? 'wilson' : 'bootstrap',
    unit,
    main,
    better,
    ...(seeds.length > 1
      ? { seeds: seeds.map((seed) => mean(counted.filter((mark) => mark.seed === seed).map(of))) }
      : {}),
  }
}

/** A statistic of all items together, such as a correlation. */
export function statisticFigure(
  marks: readonly Mark[],
  statistic: (marks: readonly Mark[]) => number,
  { name, chance, main = false, unit = 'score', better = 'higher' }: FigureOptions,
): Figure {
  const items = byItem(marks)
  const value = statistic(marks)
  return {
    name,
    value,
    ...bootstrap(items, (sample) => statistic(sample.flat())),
    n: items.length,
    chance,
    interval: 'bootstrap',
    unit,
    main,
    better,
  }
}

/** How much better A is than B on the same items: the mean of the differences, resampled in pairs. */
export function differenceFigure(a: readonly Mark[], b: readonly Mark[], name: string): Figure {
  const valueOf = (marks: Mark[]) => mean(marks.map(({ value }) => value as number))
  const measured = (marks: readonly Mark[]) => marks.filter(({ value }) => value !== null)
  const others = new Map(byItem(measured(b)).map((marks) => [marks[0].item, valueOf(marks)]))
  const differences = byItem(measured(a)).flatMap((marks) => {
    const other = others.get(marks[0].item)
    return other === undefined ? [] : [valueOf(marks) - other]
  })
  return {
    name,
    value: differences.length === 0 ? Number.NaN : mean(differences),
    ...bootstrap(differences, mean),
    n: differences.length,
    chance: 0,
    interval: 'bootstrap',
    unit: 'score',
    main: false,
    better: 'higher',
  }
}
