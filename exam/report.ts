/** The report of an exam as one HTML document that asks for nothing else: no script, no font, no picture, no server. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure, Mark } from './figures.ts'
import { intervalChart, type Row } from './report/chart.ts'
import { html, Markup, type Part } from './report/markup.ts'
import { style } from './report/style.ts'
import { figureName, interval, shown } from './report/words.ts'
import type { ExamResult, TaskResult } from './run.ts'

/** Writes `exam.json` and `exam.html` into a folder; each is there whole or not at all. Returns their paths. */
export function writeExam(folder: string, result: ExamResult, written = new Date()): { json: string; page: string } {
  const json = join(folder, 'exam.json')
  const page = join(folder, 'exam.html')
  replace(json, `${JSON.stringify(result, null, 1)}\n`)
  replace(page, renderExam(result, written))
  return { json, page }
}

function replace(path: string, text: string): void {
  const file = openSync(`${path}.partial`, 'w')
  writeSync(file, text)
  fsyncSync(file)
  closeSync(file)
  renameSync(`${path}.partial`, path)
}

export function renderExam(result: ExamResult, written: Date): string {
  const { examinees, results } = result
  const tasks = [...new Set(results.map(({ task }) => task))]
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Exam · ${examinees.join(', ')}</title><style>${new Markup(style)}</style></head>
<body><main><header><h1>Exam${zh('考试')}</h1><p>${examinees.join(' · ')}</p></header>
<div class="line">${overview(result)}${tasks.map((task) => taskSection(task, result))}${contamination(result)}</div>
<footer>Written by Dotline on ${written.toISOString().slice(0, 16).replace('T', ' ')} UTC. Intervals are at 95 %: Wilson's for shares of single answers, the bootstrap (1,000 resamples of items, seeded) for the others. 区间为 95 %：单次回答的比例用 Wilson 区间，其余用自助法（按题重抽 1000 次，固定种子）。</footer>
</main></body></html>
`
  return page.text
}

const zh = (text: string): Markup => html`<span lang="zh">${text}</span>`

const section = (
  en: string,
  chinese: string,
  content: Part,
): Markup => html`<section><h2>${en}${zh(chinese)}</h2>${content}</section>
`

function key(examinees: readonly string[]): Markup {
  return html`<ul class="key">${examinees.map((name, i) => html`<li class="c${i}">${name}</li>`)}<li class="rule">chance · 随机水平</li></ul>`
}

/** The main figure of every task. */
function overview({ examinees, results, comparisons }: ExamResult): Markup {
  const tasks = [...new Set(results.map(({ task }) => task))]
  const rows = (wanted: (figure: Figure) => boolean): Row[] =>
    tasks.flatMap((task) => {
      const figures = results
        .filter((each) => each.task === task)
        .flatMap((each) =>
          each.figures
            .filter((figure) => figure.main && wanted(figure))
            .map((figure) => ({ figure, colour: examinees.indexOf(each.examinee) })),
        )
      return figures.length > 0 ? [{ label: task, figures }] : []
    })
  const shares = intervalChart(
    'Main figures',
    rows(({ unit }) => unit === 'share'),
  )
  const others = results.flatMap((each) => each.figures.filter(({ main, unit }) => main && unit !== 'share'))
  return section(
    'All tasks',
    '全部任务',
    html`${shares ? html`<figure>${shares}</figure>` : null}${key(examinees)}${mainTable(results)}${
      others.length > 0 ? html`<p>Figures that are no shares stand in the table. 非比例的数值见表。</p>` : null
    }${comparisons.length > 0 ? comparisonTable(comparisons) : null}`,
  )
}

const head = ['Figure 数值', 'Value 值', '95 % interval 区间', 'n', 'Chance 随机']

function figureRow(label: Part, figure: Figure): Markup {
  const chance = figure.chance === null ? '–' : shown(figure.chance, figure.unit)
  const seeds = figure.seeds ? ` (${figure.seeds.map((seed) => shown(seed, figure.unit)).join(', ')})` : ''
  return html`<tr class="${figure.main ? 'main' : ''}"><td>${label}</td><td class="n">${shown(figure.value, figure.unit)}${seeds}</td><td class="n">${interval(figure)}</td><td class="n">${figure.n}</td><td class="n">${chance}</td></tr>`
}

function figureTable(first: string, rows: readonly Markup[]): Markup {
  return html`<div class="wide"><table><tr>${[first, ...head.slice(1)].map((cell, i) => html`<th class="${i > 0 ? 'n' : ''}">${cell}</th>`)}</tr>${rows}</table></div>`
}

function named(name: string): Markup {
  const { en, zh: chinese } = figureName(name)
  return html`${en}${chinese ? zh(chinese) : null}`
}

function mainTable(results: readonly TaskResult[]): Markup {
  const rows = results.flatMap((each) =>
    each.figures
      .filter(({ main }) => main)
      .map((figure) =>
        figureRow(html`${each.task}, ${named(figure.name)}<br>${each.examinee}`, { ...figure, main: false }),
      ),
  )
  return figureTable('Task 任务', rows)
}

function comparisonTable(comparisons: ExamResult['comparisons']): Markup {
  const rows = comparisons.flatMap(({ task, figures }) =>
    figures.map((figure) => figureRow(html`${task}, ${named(figure.name)}`, figure)),
  )
  return html`<p>First against second, on the same items. 前者对后者，同样的题。</p>${figureTable('Task 任务', rows)}`
}

function taskSection(name: string, { examinees, results }: ExamResult): Markup {
  const own = results.filter(({ task }) => task === name)
  const [{ title, kind, items }] = own
  const chart = groupChart(own, examinees)
  return section(
    title?.en ?? name,
    title?.zh ?? '',
    html`<p>${name}: ${kind}, ${items} items · ${items} 题</p>${chart ? html`<figure>${chart}</figure>` : null}${own.map((each) => oneResult(each, own.length > 1))}`,
  )
}

function groupChart(own: readonly TaskResult[], examinees: readonly string[]): Markup | null {
  const names = [...new Set(own.flatMap(({ groups }) => groups.map(({ name }) => name)))]
  if (names.length === 0 || names.length > 40) return null
  const rows = names.map((name) => ({
    label: name,
    figures: own.flatMap(({ groups, examinee }) =>
      groups
        .filter((group) => group.name === name)
        .map(({ figure }) => ({ figure, colour: examinees.indexOf(examinee) })),
    ),
  }))
  return intervalChart(`${own[0].task} by group`, rows)
}

function oneResult(result: TaskResult, several: boolean): Markup {
  const { examinee, figures, tooLong, fewerShots, contaminated, unmarked } = result
  const notes = [
    tooLong > 0
      ? `${tooLong} questions did not fit into the window and count as wrong · ${tooLong} 题超出窗口，计为错`
      : '',
    fewerShots > 0
      ? `${fewerShots} were asked with fewer examples, for want of room · ${fewerShots} 题因窗口不足减少了示例`
      : '',
    contaminated !== null && contaminated > 0
      ? `${contaminated} items are marked: training documents hold a part of them · ${contaminated} 题与训练文档重合`
      : '',
    ...unmarked.map(({ reason, items }) => `${items} were not marked: ${reason} · ${items} 题未评分`),
  ].filter(Boolean)
  return html`${several ? html`<p><b>${examinee}</b></p>` : null}${figureTable(
    head[0],
    figures.map((figure) => figureRow(named(figure.name), figure)),
  )}${notes.map((note) => html`<p>${note}</p>`)}${samples(result.marks)}`
}

const shownMarks = 40

/** Some answers with their marks, evenly from all. */
function samples(marks: readonly Mark[]): Markup | null {
  const some = marks.filter(({ said }) => said !== '')
  if (some.length === 0) return null
  const step = Math.max(1, some.length / shownMarks)
  const picked = Array.from({ length: Math.min(shownMarks, some.length) }, (_, i) => some[Math.floor(i * step)])
  return html`<details><summary>Answers · 回答 (${picked.length} of ${marks.length})</summary><div class="wide"><table><tr><th>Item 题</th><th>Mark 分</th><th>Said 回答</th><th>Right 正确</th></tr>${picked.map(
    ({ item, value, said, right, note, contaminated }) =>
      html`<tr><td>${item}${contaminated ? html`<br><span class="mark">marked 已标记</span>` : null}</td><td>${value === null ? '–' : String(Number(value.toFixed(3)))}</td><td class="said${said.length > 80 ? ' long' : ''}">${said.slice(0, 600)}${note ? html`<br><span class="mark">${note}</span>` : null}</td><td class="said">${right.slice(0, 300)}</td></tr>`,
  )}</table></div></details>`
}

function contamination({ contamination: report }: ExamResult): Markup {
  if (!report)
    return section(
      'Contamination',
      '污染检查',
      html`<p>Not checked: no training documents were given. 未检查：没有给出训练文档。</p>`,
    )
  const { documents, checked, tooShort, found } = report
  const rows = found
    .slice(0, 100)
    .map(
      ({ key: item, share, origin }) =>
        html`<tr><td>${item}</td><td class="n">${(share * 100).toFixed(0)} %</td><td class="said">${origin}</td></tr>`,
    )
  return section(
    'Contamination',
    '污染检查',
    html`<p>${checked} items against ${documents} training documents, 13 words or 30 Chinese characters in a row; ${tooShort} items are too short to be looked for. ${found.length} are marked. 以连续 13 个词或 30 个汉字比对 ${documents} 篇训练文档，标记 ${found.length} 题，${tooShort} 题过短未查。</p>${
      rows.length > 0
        ? html`<div class="wide"><table><tr><th>Item 题</th><th class="n">Overlap 重合</th><th>Document 文档</th></tr>${rows}</table></div>`
        : null
    }`,
  )
}
