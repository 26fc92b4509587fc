import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ContaminationCheck, type ContaminationReport } from '#exam/contamination'
import { type Judge, modelJudge } from '#exam/judging'
import { taskDataIsHere } from '#exam/readers'
import { writeExam } from '#exam/report'
import { type ExamResult, itemKey, prepareTasks, runExam } from '#exam/run'
import { readTask, type Task } from '#exam/task'
import { texts } from '../catalogue.ts'
import { type Command, number, parse, UsageError } from '../command.ts'
import { ExamDisplay, summary } from './exam/display.ts'
import { openExaminee } from './exam/examinees.ts'
import { trainingDocuments } from './exam/training-documents.ts'

const options = {
  model: { type: 'string' },
  against: { type: 'string' },
  judge: { type: 'string' },
  tasks: { type: 'string', multiple: true },
  data: { type: 'string' },
  limit: { type: 'string' },
  'trained-on': { type: 'string', multiple: true },
  out: { type: 'string', default: 'exam-results' },
  concurrency: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parse<typeof options>>['values']

async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, options)
  if (!values.tasks?.length && positionals.length === 0) throw new UsageError(texts().usage.examTasks)
  const limit = number('limit', values.limit, { min: 1, max: 1e9, whole: true })
  const concurrency = number('concurrency', values.concurrency, { min: 1, max: 1024, whole: true })
  const threads = number('threads', values.threads, { min: 1, max: 256, whole: true })
  const dataFolder = values.data === undefined ? undefined : resolve(values.data)
  const tasks = tasksAt([...(values.tasks ?? []), ...positionals], dataFolder)
  const display = new ExamDisplay(process.stderr)
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const open = (named: string | undefined) => openExaminee(named, { slots: concurrency ?? 16, threads })
  const examinees = [await open(values.model)]
  try {
    if (values.against !== undefined) examinees.push(await open(values.against))
    const judging = values.judge === undefined ? undefined : await open(values.judge)
    const judge: Judge | undefined = judging && modelJudge(judging)
    const contamination = await checked(tasks, values, dataFolder, limit, display)
    const folder = resolve(values.out)
    const result = await runExam({
      tasks,
      examinees,
      folder,
      dataFolder,
      limit,
      concurrency,
      judge,
      contamination,
      signal: stop.signal,
      onProgress: (progress) => display.show(progress),
    })
    await judging?.close()
    display.end()
    print(result, writeExam(folder, result), values.json)
    return 0
  } catch (error) {
    display.end()
    if (!stop.signal.aborted) throw error
    console.error(texts().exam.stopped)
    return 130
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    for (const examinee of examinees) await examinee.close()
  }
}

/** Task files, and those in folders; of a folder, tasks whose data is not here are left out, and said to be. */
function tasksAt(paths: readonly string[], dataFolder: string | undefined): Task[] {
  const tasks = paths.flatMap((path) => {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [readTask(path)]
    const all = readdirSync(path)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => readTask(join(path, name)))
    const absent = all.filter((task) => !taskDataIsHere(task, dataFolder))
    if (absent.length > 0) console.error(texts().exam.absent(absent.map(({ name }) => name).join(', ')))
    return all.filter((task) => !absent.includes(task))
  })
  if (tasks.length === 0) throw new UsageError(texts().usage.examNoTask(paths.join(', ')))
  return tasks
}

async function checked(
  tasks: readonly Task[],
  values: Values,
  dataFolder: string | undefined,
  limit: number | undefined,
  display: ExamDisplay,
): Promise<ContaminationReport | undefined> {
  const places = values['trained-on'] ?? []
  if (places.length === 0) return undefined
  const check = new ContaminationCheck()
  for (const { task, items } of prepareTasks(tasks, dataFolder, limit))
    for (const item of items) check.add(itemKey(task, item), item)
  let documents = 0
  for (const place of places)
    for await (const document of trainingDocuments(place, (note) => display.keep(note))) {
      check.look(document)
      if (++documents % 1000 === 0) display.line(texts().exam.looking(documents))
    }
  return check.report()
}

function print(result: ExamResult, files: { json: string; page: string }, json: boolean): void {
  if (json) console.log(JSON.stringify(result))
  else console.log(`${summary(result)}\n\n${files.page}\n${files.json}`)
}

export const exam: Command = { run }
