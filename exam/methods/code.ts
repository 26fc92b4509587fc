import { byItem, type Figure, type Mark, meanFigure } from '../figures.ts'
import type { Code } from '../item.ts'
import { passAtK } from '../measures.ts'
import type { Method } from '../method.ts'
import { bootstrap, mean } from '../statistics.ts'

/** Code that must pass its tests, run in the sandbox. */
export const code: Method = {
  lacks(item) {
    if (!item.code) return 'code'
    return item.code.language === 'javascript' ? null : pythonRefusal
  },
  ask: async (item, _task, asker) => ({ written: [await asker.write(item)] }),
  async mark(item, { written = [] }, _task, check) {
    const said = written[0].text
    const code = item.code as Code
    const { passed, problem } = await check(programOf(said, code), code.tests)
    return { value: Number(passed), said, right: 'passes its tests', ...(problem ? { note: problem } : {}) }
  },
  figures(marks): Figure[] {
    const figures = [meanFigure(marks, ({ value }) => value, { name: 'pass@1', chance: 0, main: true })]
    const samples = Math.min(...byItem(marks).map((group) => group.length))
    if (samples > 1) figures.push(passFigure(marks, samples))
    return figures
  },
}

export const pythonRefusal =
  'JavaScript code: Python needs Pyodide, which is not shipped (13 MB, and its Python reaches out into JavaScript); HumanEval-X and MultiPL-E have the same problems in JavaScript'

function passFigure(marks: readonly Mark[], k: number): Figure {
  const items = byItem(marks).map((group) => passAtK(group.length, group.filter(({ value }) => value === 1).length, k))
  return {
    name: `pass@${k}`,
    value: mean(items),
    ...bootstrap(items, mean),
    n: items.length,
    chance: 0,
    interval: 'bootstrap',
    unit: 'share',
    main: false,
    better: 'higher',
  }
}

/** What was written, after what it goes on from. Of a fenced answer the first fence is the code. */
export function programOf(said: string, { prefix, entry }: Code): string {
  const fenced = said.match(/```[\w+-]*\n([\s\S]*?)(?:```|$)/)?.[1]
  const body = fenced ?? said
  const whole = entry !== undefined && new RegExp(`\\b(function|const|let|var)\\s+${escaped(entry)}\\b`).test(body)
  return `${whole || (fenced !== undefined && prefix === '') ? '' : prefix}${body}\n`
}

const escaped = (name: string) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
