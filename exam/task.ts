import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'

/** A task is one small JSON file: what is asked, in which words, and how it is marked. Its data is JSONL, or a published file. */

export const kinds = [
  'choice',
  'cloze',
  'generation',
  'classification',
  'rating',
  'preference',
  'perplexity',
  'safety',
  'bias',
  'counterfactual',
  'code',
] as const
export type Kind = (typeof kinds)[number]

export const formats = [
  'items',
  'glue-cola',
  'glue-sst2',
  'glue-mrpc',
  'glue-qqp',
  'glue-rte',
  'glue-qnli',
  'glue-mnli',
  'glue-stsb',
  'clue-eprstmt',
  'clue-bustm',
  'clue-ocnli',
  'clue-cluewsc',
  'clue-csldcp',
  'mmlu',
  'agieval',
  'gaokao',
  'gsm8k',
  'humaneval',
  'mbpp',
  'truthfulqa',
  'xstest',
  'advbench',
  'bbq',
  'text',
] as const
export type Format = (typeof formats)[number]

/** Scores of an option: its log-probability as it is, per token, per byte, or less that after an empty question. */
export const normalisations = ['raw', 'token', 'byte', 'unconditional'] as const
export type Normalisation = (typeof normalisations)[number]

export const markings = ['exact', 'numeric', 'regex', 'f1'] as const
export type Marking = (typeof markings)[number]

const words = z.string().max(20_000)

export const taskSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,80}$/, { error: 'takes letters, digits, dots and dashes, at most 80' }),
  title: z.strictObject({ en: words, zh: words }).optional(),
  language: z.enum(['en', 'zh']).default('en'),
  kind: z.enum(kinds),
  format: z.enum(formats).default('items'),
  /** Files, from the task's own folder or from the folder of data that the run names. */
  data: z.union([words, z.array(words).min(1)]),
  /** Takes this many items, spread evenly over the data. */
  limit: z.int().min(1).optional(),
  /** Examples before each question; from `shotsFrom`, else the first of the data, which are then not asked. */
  shots: z.int().min(0).max(64).default(0),
  shotsFrom: words.optional(),
  /** The words of the question, with `{question}`, `{context}`, `{options}` and the item's fields in braces. */
  prompt: words.optional(),
  system: words.optional(),
  /** Asks as a message of a conversation where the answer is written; choices by likelihood are plain text. */
  chat: z.boolean().default(false),
  /** How a choice is made: by the likelihood of each option, or in words of the model's own. */
  by: z.enum(['likelihood', 'words']).default('likelihood'),
  /** Options by their letters, all of them in the prompt, or by their whole texts. */
  style: z.enum(['letter', 'text']).default('text'),
  normalise: z.enum(normalisations).default('raw'),
  /** The question without its words, for `unconditional`; null leaves that figure out. */
  unconditional: words.nullable().optional(),
  /** The words that stand for each label of a classification, in the order of the labels. */
  labels: z.record(z.string(), words).optional(),
  /** The label that F1 is about (default: the last). */
  positive: words.optional(),
  /** The figure that stands for the task. */
  metric: z.enum(['accuracy', 'f1', 'matthews', 'spearman', 'pearson']).default('accuracy'),
  mark: z.enum(markings).default('exact'),
  /** For `regex`, and to find an answer in what was written: the first group, or else the whole match, is the answer. */
  pattern: words.optional(),
  maxTokens: z.int().min(1).max(65_536).default(64),
  stop: z.array(z.string().min(1)).max(4).default([]),
  temperature: z.number().min(0).max(2).default(0),
  topP: z.number().min(0).max(1).default(1),
  /** Where sampling is involved; greedy answers are asked for once. */
  seeds: z.array(z.int().min(0)).min(1).max(100).default([1, 2, 3]),
  /** Characters of text that are read together for `perplexity`. */
  window: z.int().min(16).max(1_000_000).default(600),
})

export type TaskFile = z.infer<typeof taskSchema>

export interface Task extends TaskFile {
  /** Where the file lies; its data is looked for there. */
  folder: string
  /** The file's content, which a resumed run must find unchanged. */
  source: string
}

/** A task, or its data, cannot be used: says which file, which field and what to do. */
export class TaskError extends Error {
  override name = 'TaskError'
}

/** Checks what a task file says. @throws TaskError naming the field. */
export function parseTask(value: unknown, folder: string, name: string): Task {
  const parsed = taskSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys[0] : 'the file')
    throw new TaskError(`${name}: ${field}: ${issue.message}`)
  }
  const problem = problemOf(parsed.data)
  if (problem) throw new TaskError(`${name}: ${problem}`)
  return { ...parsed.data, folder, source: JSON.stringify(value) }
}

function problemOf(task: TaskFile): string | null {
  if (task.mark === 'regex' && task.kind === 'generation' && !task.pattern)
    return 'mark: "regex" needs a pattern; add the field pattern'
  if (task.pattern !== undefined) {
    try {
      new RegExp(task.pattern, 'u')
    } catch (error) {
      return `pattern: ${(error as Error).message}`
    }
  }
  if (task.normalise === 'unconditional' && task.unconditional === null)
    return 'unconditional: null leaves out the figure that normalise asks for; give the words of an empty question'
  return null
}

/** Reads a task file. @throws TaskError where it is missing, no JSON, or says what no task says. */
export function readTask(path: string): Task {
  const full = resolve(path)
  let text: string
  try {
    text = readFileSync(full, 'utf8')
  } catch (cause) {
    throw new TaskError(`${path} cannot be read; name a task's JSON file`, { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new TaskError(`${path} is not JSON: ${(cause as Error).message}`, { cause })
  }
  return parseTask(value, dirname(full), path)
}

/** Where a data file of a task may lie: as named, beside the task, or in the run's folder of data. */
export function dataPaths(task: Task, name: string, dataFolder: string | undefined): string[] {
  if (isAbsolute(name)) return [name]
  return [join(task.folder, name), ...(dataFolder === undefined ? [] : [join(dataFolder, name)])]
}

/** Seeds that a task's answers are sampled with; greedy answers need none. */
export const seedsOf = (task: Task): readonly number[] => (task.temperature > 0 ? task.seeds : [task.seeds[0]])
