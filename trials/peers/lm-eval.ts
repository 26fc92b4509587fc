/**
 * EleutherAI's evaluation harness against our examiner: the same items, asked of the same server. `lm_eval` runs from a
 * local task file over `/v1/completions` with our tokenizer's files; both must give each item the same mark.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openHttpExaminee } from '#exam/http-examinee'
import { readFile } from '#exam/readers'
import { runExam, type TaskResult } from '#exam/run'
import { parseTask, type Task } from '#exam/task'
import { Figures } from '#trials/figures'
import { PeerError } from '#trials/peers/peer-process'
import { root, serveCommand } from '#trials/served/command'

const packages = ['lm_eval[api]==0.4.13']
const harness = join(root, '.peers', 'lm-eval', 'bin', 'python')
const peers = join(root, '.peers', 'python', 'bin', 'python')

export interface ChoiceItem {
  id: string
  question: string
  options: string[]
  right: number[]
}

/**
 * Runs the comparison: `--model FOLDER` (default: the starter), `--data FILE` in MMLU's or AGIEval's form with `--format`
 * (default: sums of our own), `--limit N` items (100), `--python PATH` of a Python that has lm_eval.
 */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      model: { type: 'string', default: join(root, 'starter') },
      data: { type: 'string' },
      format: { type: 'string', default: 'agieval' },
      limit: { type: 'string', default: '100' },
      python: { type: 'string' },
    },
  })
  const python = values.python ?? (await ensureHarness())
  const items = itemsOf(values.data, values.format as Task['format'], Number(values.limit))
  const scratch = mkdtempSync(join(tmpdir(), 'dotline-lm-eval-'))
  const figures = new Figures('npm run trials -- lm-eval')
  const served = await serveCommand({ args: ['--port', '0', '--no-page', '--model', values.model] })
  try {
    await served.ready
    await compare(
      items,
      { python, scratch, url: `${served.url}/v1`, model: served.model, folder: values.model },
      figures,
    )
  } catch (error) {
    const { code, signal } = await Promise.race([
      served.ended,
      Promise.resolve({ code: null, signal: 'none, it runs' }),
    ])
    throw new PeerError(`${String(error)}\nThe server ended with ${signal ?? code}:\n${served.errors().slice(-2000)}`)
  } finally {
    await served.end('SIGTERM')
    rmSync(scratch, { recursive: true })
  }
  figures.finish()
}

/** Arithmetic and spelling, in both languages: enough to tell two markers apart, and nothing that anybody owns. */
function ownItems(count: number): ChoiceItem[] {
  return Array.from({ length: count }, (_, i) => {
    const [a, b] = [(i * 7) % 23, (i * 5) % 17]
    const sum = a + b
    const options = [sum, sum + 1, sum + 10, sum + 21].map((value) => (i % 2 === 0 ? String(value) : `答案是${value}`))
    const turn = i % 4
    return {
      id: String(i),
      question: i % 2 === 0 ? `What is ${a} + ${b}?` : `${a} 加 ${b} 等于多少？`,
      options: [...options.slice(turn), ...options.slice(0, turn)],
      right: [(4 - turn) % 4],
    }
  })
}

function itemsOf(path: string | undefined, format: Task['format'], limit: number): ChoiceItem[] {
  if (path === undefined) return ownItems(limit)
  return readFile(path, { format, labels: undefined, window: 600 })
    .flatMap(({ id, question, options, right }) =>
      options && right?.length === 1 ? [{ id, question, options, right }] : [],
    )
    .slice(0, limit)
}

interface Place {
  python: string
  scratch: string
  url: string
  model: string
  folder: string
}

async function compare(items: ChoiceItem[], place: Place, figures: Figures): Promise<void> {
  const ours = await ourMarks(items, place)
  const theirs = await theirMarks(place)
  const known = new Map(ours.marks.map((mark) => [mark.item, mark.values ?? {}]))
  // What does not fit into the window the harness cuts at its beginning; our examiner counts it as wrong.
  const both = theirs.filter(({ id }) => known.get(id)?.raw !== undefined)
  const differing = both.filter(({ id, acc, accNorm }) => known.get(id)?.raw !== acc || known.get(id)?.byte !== accNorm)
  const share = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  figures.note(
    `${both.length} items: acc ${share(both.map(({ acc }) => acc)).toFixed(4)}, acc_bytes ${share(both.map(({ accNorm }) => accNorm)).toFixed(4)} by lm_eval; ` +
      `${share(both.map(({ id }) => known.get(id)?.raw ?? 0)).toFixed(4)} and ${share(both.map(({ id }) => known.get(id)?.byte ?? 0)).toFixed(4)} by ours`,
  )
  for (const { id } of differing.slice(0, 5)) figures.note(`item ${id} is marked otherwise`)
  figures.record('peers.lm-eval.items', both.length, 'items', { op: '>=', value: Math.min(20, items.length) })
  figures.record('peers.lm-eval.differing', differing.length, 'items', { op: '<=', value: 0 })
}

async function ourMarks(items: ChoiceItem[], { scratch, url, model }: Place): Promise<TaskResult> {
  writeFileSync(join(scratch, 'items.jsonl'), items.map((item) => JSON.stringify(item)).join('\n'))
  const task = parseTask(
    {
      name: 'items',
      kind: 'choice',
      data: 'items.jsonl',
      prompt: 'Question: {question}\nAnswer:',
      unconditional: null,
    },
    scratch,
    'items',
  )
  const examinee = await openHttpExaminee({ url, model, fetch })
  const { results } = await runExam({
    tasks: [task],
    examinees: [examinee],
    folder: join(scratch, 'ours'),
    concurrency: 8,
  })
  return results[0]
}

interface TheirMark {
  id: string
  acc: number
  accNorm: number
}

const taskFile = `task: dotline_items
dataset_path: json
dataset_kwargs:
  data_files:
    test: DATA
test_split: test
output_type: multiple_choice
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_choice: "{{options}}"
doc_to_target: "{{right[0]}}"
target_delimiter: " "
metric_list:
  - metric: acc
  - metric: acc_bytes
`

async function theirMarks(place: Place): Promise<TheirMark[]> {
  const { python, scratch, url, model, folder } = place
  const tasks = join(scratch, 'tasks')
  mkdirSync(tasks)
  writeFileSync(join(tasks, 'dotline_items.yaml'), taskFile.replace('DATA', join(scratch, 'items.jsonl')))
  const settings = {
    model,
    base_url: `${url}/completions`,
    tokenizer: folder,
    tokenizer_backend: 'huggingface',
    tokenized_requests: 'True',
    num_concurrent: '1',
    max_length: '500',
  }
  const modelArgs = Object.entries(settings)
    .map((entry) => entry.join('='))
    .join(',')
  const out = join(scratch, 'theirs')
  const words = [
    '-m',
    'lm_eval',
    'run',
    '--model',
    'local-completions',
    '--model_args',
    modelArgs,
    '--tasks',
    'dotline_items',
    '--include_path',
    tasks,
    '--output_path',
    out,
    '--log_samples',
    '--batch_size',
    '1',
  ]
  await runPython(python, words, {
    HF_HUB_OFFLINE: '1',
    HF_DATASETS_OFFLINE: '1',
    HF_HOME: join(scratch, 'home'),
    OPENAI_API_KEY: 'none',
  })
  const [file] = readdirSync(out, { recursive: true })
    .map(String)
    .filter((name) => /samples_.*\.jsonl$/.test(name))
  const lines = readFileSync(join(out, file), 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => {
    const { doc, acc, acc_bytes } = JSON.parse(line) as { doc: { id: string }; acc: number; acc_bytes: number }
    return { id: String(doc.id), acc, accNorm: acc_bytes }
  })
}

/** A Python of its own for the harness, beside the peers', whose torch and transformers it uses. */
async function ensureHarness(): Promise<string> {
  if (existsSync(harness)) return harness
  if (!existsSync(peers)) throw new PeerError('the peers are not installed: run trials/peers/setup.sh first')
  const folder = join(root, '.peers', 'lm-eval')
  await runPython(peers, ['-m', 'venv', folder])
  const site = join(root, '.peers', 'python', 'lib')
  const version = readdirSync(site).find((name) => name.startsWith('python'))
  writeFileSync(
    join(folder, 'lib', String(version), 'site-packages', 'peers.pth'),
    join(site, String(version), 'site-packages'),
  )
  await runPython(harness, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-compile',
    ...packages,
  ])
  return harness
}

function runPython(python: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(python, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new PeerError(`${args.slice(0, 4).join(' ')} ended with ${code}:\n${said}`)),
    )
  })
}
