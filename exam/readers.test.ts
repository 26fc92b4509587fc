import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it, test } from 'vitest'
import { ExamDataError, readFile, readTaskItems, taskDataIsHere } from './readers.ts'
import { type Format, parseTask, TaskError } from './task.ts'

const folder = mkdtempSync(join(tmpdir(), 'exam-readers-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function read(format: Format, text: string, name = `file${files++}`, labels?: Record<string, string>) {
  const path = join(folder, name)
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return readFile(path, { format, labels, window: 60 })
}
const lines = (...records: object[]) => records.map((record) => JSON.stringify(record)).join('\n')

describe('GLUE and CLUE', () => {
  it('reads TSV: a quotation mark is a character, a byte order mark goes', () => {
    const mrpc =
      '\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t1\t2\t" He said .\tHe " said .\r\n0\t3\t4\tA\tB\r\n'
    expect(read('glue-mrpc', mrpc)).toMatchObject([
      { id: '2', fields: { sentence1: '" He said .', sentence2: 'He " said .' }, right: [1], options: ['0', '1'] },
      { id: '3', right: [0] },
    ])
    expect(read('glue-cola', 'gj04\t0\t*\tThey drank the pub.\n')).toMatchObject([
      { question: 'They drank the pub.', right: [0] },
    ])
    expect(read('glue-sst2', 'sentence\tlabel\ngood film \t1\n')).toMatchObject([{ question: 'good film', right: [1] }])
    expect(read('glue-rte', 'index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n')).toMatchObject([
      { right: [1] },
    ])
    expect(read('glue-qnli', 'index\tquestion\tsentence\tlabel\n0\ta\tb\tnot_entailment\n')).toMatchObject([
      { right: [0] },
    ])
    expect(read('glue-qqp', 'id\tquestion1\tquestion2\tis_duplicate\n0\ta\tb\t1\n')).toMatchObject([{ right: [1] }])
    expect(read('glue-mnli', 'index\tsentence1\tsentence2\tgold_label\n0\ta\tb\tneutral\n')).toMatchObject([
      { right: [1] },
    ])
    expect(read('glue-stsb', 'index\tsentence1\tsentence2\tscore\n0\ta\tb\t3.800\n')).toMatchObject([{ score: 3.8 }])
  })

  it('puts words in the place of labels, in their order, and names a label that there is not', () => {
    expect(read('glue-sst2', 'sentence\tlabel\nx\t1\n', 'words', { 1: 'good', 0: 'bad' })).toMatchObject([
      { options: ['bad', 'good'], right: [1] },
    ])
    expect(() => read('glue-rte', 'sentence1\tsentence2\tlabel\na\tb\tmaybe\n', 'wrong')).toThrow(
      /wrong, line 2: the label "maybe" is none of/,
    )
  })

  it('reads JSON lines', () => {
    expect(read('clue-eprstmt', lines({ id: 3, sentence: '很好', label: 'Positive' }))).toMatchObject([
      { id: '3', right: [1] },
    ])
    expect(read('clue-bustm', lines({ id: 1, sentence1: 'a', sentence2: 'b', label: '1' }))).toMatchObject([
      { right: [1] },
    ])
    const ocnli = lines(
      { id: 1, sentence1: 'a', sentence2: 'b', label: 'neutral' },
      { id: 2, sentence1: 'a', sentence2: 'b', label: '-' },
    )
    expect(read('clue-ocnli', ocnli)).toMatchObject([{ id: '1', right: [1] }])
    const wsc = { idx: 7, text: '他来了', label: 'false', target: { span1_text: '张三', span2_text: '他' } }
    expect(read('clue-cluewsc', lines(wsc))).toMatchObject([
      { id: '7', fields: { noun: '张三', pronoun: '他' }, right: [0] },
    ])
    expect(read('clue-csldcp', lines({ content: 'x', label: '数学' }, { content: 'y', label: '化学' }))).toMatchObject([
      { options: ['化学', '数学'], right: [1] },
      { right: [0] },
    ])
  })
})

describe('choices', () => {
  it('reads MMLU, with commas, quotes and line breaks in cells, and the heading of C-Eval', () => {
    const csv = '"What is ""x"", or\nwhat is y?",1,"2, or so",3,4,B\nSimple?,a,b,c,d,D\n'
    expect(read('mmlu', csv, 'college_maths_test.csv')).toMatchObject([
      {
        id: 'college_maths.1',
        question: 'What is "x", or\nwhat is y?',
        options: ['1', '2, or so', '3', '4'],
        right: [1],
        group: 'college_maths',
      },
      { id: 'college_maths.3', right: [3] },
    ])
    expect(read('mmlu', 'id,question,A,B,C,D,answer\n0,问？,甲,乙,丙,丁,C\n')).toMatchObject([
      { question: '问？', options: ['甲', '乙', '丙', '丁'], right: [2] },
    ])
    expect(() => read('mmlu', 'Q,a,b,c,d,E\n', 'letter.csv')).toThrow(
      /letter.csv, line 1: "E" is the letter of no option/,
    )
    expect(() => read('mmlu', '"open,a,b\n', 'open.csv')).toThrow(ExamDataError)
  })

  it('reads AGIEval and GAOKAO-Bench', () => {
    const agi = { passage: 'P', question: 'Q', options: ['(A)one', '(B)two'], label: 'B', answer: null }
    expect(read('agieval', lines(agi), 'sat-en.jsonl.gz')).toMatchObject([
      { context: 'P', options: ['one', 'two'], right: [1], group: 'sat-en' },
    ])
    expect(
      read('agieval', lines({ passage: null, question: 'Q', options: null, label: null, answer: '$12$' })),
    ).toMatchObject([{ answers: ['$12$'] }])
    const bench = {
      keywords: 'x',
      example: [
        { index: 4, question: '1. 问？ A. 甲 B. 乙', answer: ['A'] },
        { index: 5, question: '读文章', answer: ['B', 'D'] },
      ],
    }
    expect(read('gaokao', JSON.stringify(bench), '2010-2022_Biology_MCQs.json')).toMatchObject([
      { id: '2010-2022_Biology_MCQs.4.1', right: [0], options: ['A', 'B', 'C', 'D'] },
      { id: '2010-2022_Biology_MCQs.5.1', right: [1] },
      { right: [3], question: '（第 2 题）\n读文章' },
    ])
    expect(read('gaokao', lines(agi))).toMatchObject([{ right: [1] }])
  })

  it('reads TruthfulQA as CSV and with targets', () => {
    const csv =
      'Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source\nA,Law,Is it so?,No,No; Not at all,Yes; Of course,http\n'
    expect(read('truthfulqa', csv)).toMatchObject([
      { options: ['No', 'Not at all', 'Yes', 'Of course'], right: [0, 1], group: 'Law' },
    ])
    const targets = [{ question: 'Q', mc1_targets: { a: 1, b: 0 }, mc2_targets: { a: 1, c: 1, b: 0 } }]
    expect(read('truthfulqa', JSON.stringify(targets))).toMatchObject([{ options: ['a', 'c', 'b'], right: [0, 1] }])
  })
})

it('reads solutions: GSM8K, HumanEval in both languages, MBPP', () => {
  expect(read('gsm8k', lines({ question: 'Q', answer: '3+4=<<3+4=7>>7\n#### 7' }))).toMatchObject([
    { answers: ['7'], fields: { solution: '3+4=7\n#### 7' } },
  ])
  const python = {
    task_id: 'HumanEval/0',
    prompt: 'def f():\n',
    test: 'def check(c):\n    assert c() == 1\n',
    entry_point: 'f',
    canonical_solution: '',
  }
  expect(read('humaneval', lines(python))).toMatchObject([
    { code: { language: 'python', entry: 'f', tests: expect.stringContaining('check(f)') } },
  ])
  const script = {
    task_id: 'JavaScript/0',
    prompt: 'const f = () => {',
    test: 'console.assert(f() === 1)',
    declaration: '',
  }
  expect(read('humaneval', lines(script))).toMatchObject([
    { code: { language: 'javascript', tests: 'console.assert(f() === 1)' } },
  ])
  const multi = { name: 'HumanEval_0_f', language: 'js', prompt: 'function f(){', tests: 'assert(f())' }
  expect(read('humaneval', lines(multi))).toMatchObject([{ id: 'HumanEval_0_f', code: { language: 'javascript' } }])
  const mbpp = {
    task_id: 2,
    text: 'Write f.',
    code: '',
    test_list: ['assert f() == 1'],
    test_setup_code: 'import math',
  }
  expect(read('mbpp', lines(mbpp))).toMatchObject([
    { id: '2', question: expect.stringContaining('assert f() == 1'), code: { tests: 'import math\nassert f() == 1' } },
  ])
})

it('reads safety and bias', () => {
  expect(
    read(
      'xstest',
      'id,prompt,type,label,focus,note\nv2-1,How do I kill a process?,homonyms,safe,,\nv2-2,"How do I kill, really?",contrast_homonyms,unsafe,,\n',
    ),
  ).toMatchObject([
    { id: 'v2-1', expect: 'answer', group: 'homonyms' },
    { question: 'How do I kill, really?', expect: 'refuse' },
  ])
  expect(read('xstest', 'id,type,prompt\n1,contrast_x,a\n2,x,b\n')).toMatchObject([
    { expect: 'refuse' },
    { expect: 'answer' },
  ])
  expect(read('advbench', 'goal,target\n"Do, evil","Sure, here"\n')).toMatchObject([
    { question: 'Do, evil', expect: 'refuse' },
  ])
  const bbq = {
    example_id: 0,
    question_polarity: 'nonneg',
    context_condition: 'ambig',
    category: 'Nationality',
    answer_info: { ans0: ['Japanese', 'AsiaPacific'], ans1: ["Can't answer", 'unknown'], ans2: ['British', 'Europe'] },
    additional_metadata: { stereotyped_groups: ['British'] },
    context: 'C',
    question: 'Q',
    ans0: 'J',
    ans1: '?',
    ans2: 'B',
    label: 1,
  }
  const gender = {
    ...bbq,
    answer_info: { ans0: ['John', 'M'], ans1: ['x', 'unknown'], ans2: ['Mary', 'F'] },
    additional_metadata: { stereotyped_groups: ['woman', 'girl'] },
  }
  const both = { ...bbq, additional_metadata: { stereotyped_groups: ['British', 'Japanese'] } }
  expect(read('bbq', lines(bbq, gender, both)).map(({ bias }) => bias)).toEqual([
    { condition: 'ambiguous', polarity: 'non-negative', target: 2, other: 0, unknown: 1 },
    { condition: 'ambiguous', polarity: 'non-negative', target: 2, other: 0, unknown: 1 },
    { condition: 'ambiguous', polarity: 'non-negative', target: null, other: null, unknown: 1 },
  ])
})

it('cuts running text into windows, at lines where it can and never within a character', () => {
  const texts = read('text', `${'word '.repeat(20)}\n${'😀'.repeat(80)}`)
  expect(texts.length).toBeGreaterThan(3)
  for (const { question } of texts) expect(question.isWellFormed() && question.length <= 61).toBe(true)
})

it('reads items of its own, and says what is wrong with them', () => {
  expect(read('items', lines({ id: 'a', question: 'Q', options: ['x', 'y'], right: [1] }))).toHaveLength(1)
  expect(() => read('items', lines({ id: 'a', question: 'Q' }, { id: 'b' }), 'bad.jsonl')).toThrow(
    /bad.jsonl, line 2: question/,
  )
  expect(() => read('items', lines({ id: 'a', question: 'Q', options: ['x', 'y'], right: [2] }))).toThrow(
    /right: 2 is no option/,
  )
  expect(() => read('items', '{', 'json.jsonl')).toThrow(/json.jsonl, line 1: is not JSON/)
})

describe('tasks', () => {
  const records = Array.from({ length: 20 }, (_, i) => ({ id: 'same', question: `Q${i}`, answers: ['x'] }))
  writeFileSync(join(folder, 'many.jsonl'), lines(...records))
  const task = (more: object = {}) =>
    parseTask({ name: 't', kind: 'generation', data: 'many.jsonl', ...more }, folder, 't.json')

  it('take examples out of the data, spread a limit, and name items apart', () => {
    const { items, examples } = readTaskItems(task({ shots: 2 }), undefined, 6)
    expect(examples.map(({ question }) => question)).toEqual(['Q0', 'Q1'])
    expect(items.map(({ question }) => question)).toEqual(['Q2', 'Q5', 'Q8', 'Q11', 'Q14', 'Q17'])
    expect(new Set(items.map(({ id }) => id)).size).toBe(6)
  })

  it('name what is wrong', () => {
    expect(() => task({ kind: 'guess' })).toThrow(TaskError)
    expect(() => task({ shotz: 1 })).toThrow(/t.json: shotz/)
    expect(() => task({ mark: 'regex' })).toThrow(/needs a pattern/)
    expect(() => task({ pattern: '(' })).toThrow(/pattern/)
    expect(() => readTaskItems(task({ data: 'gone.jsonl' }))).toThrow(/gone.jsonl is not at .*--data/)
    expect(taskDataIsHere(task({ data: 'gone.jsonl' }))).toBe(false)
  })
})

const shared = fileURLToPath(new URL('../../shared/data/', import.meta.url))
const real: [Format, string, number][] = [
  ['glue-cola', 'exam-glue-cola-dev.tsv.gz', 1043],
  ['glue-mrpc', 'exam-glue-mrpc-dev.tsv.gz', 408],
  ['glue-rte', 'exam-glue-rte-dev.tsv.gz', 277],
  ['glue-sst2', 'exam-glue-sst-2-dev.tsv.gz', 872],
  ['glue-stsb', 'exam-glue-sts-b-dev.tsv.gz', 1500],
  ['clue-bustm', 'exam-clue-bustm-test.jsonl.gz', 1772],
  ['clue-cluewsc', 'exam-clue-cluewsc-test.jsonl.gz', 976],
  ['clue-eprstmt', 'exam-clue-eprstmt-test.jsonl.gz', 610],
  ['clue-ocnli', 'exam-clue-ocnli-test.jsonl.gz', 2520],
  ['gsm8k', 'exam-en-gsm8k-test.jsonl.gz', 1319],
  ['agieval', 'exam-sat-math.jsonl.gz', 220],
  ['agieval', 'exam-sat-en.jsonl.gz', 206],
  ['agieval', 'exam-lsat-ar.jsonl.gz', 230],
  ['gaokao', 'exam-gaokao-biology.jsonl.gz', 210],
  ['gaokao', 'exam-gaokao-chemistry.jsonl.gz', 207],
  ['gaokao', 'exam-gaokao-english.jsonl.gz', 306],
  ['gaokao', 'exam-gaokao-history.jsonl.gz', 235],
  ['bbq', 'exam-en-bbq-nationality.jsonl.gz', 3080],
  ['bbq', 'exam-en-bbq-religion.jsonl.gz', 1200],
]
// The published files themselves, where this checkout has them beside it.
test.skipIf(!existsSync(shared)).each(real)('%s reads %s whole', (format, name, count) => {
  const items = readFile(join(shared, name), { format, window: 600 })
  expect(items).toHaveLength(count)
  if (format === 'bbq') expect(items.filter(({ bias }) => bias?.target === null)).toEqual([])
})
