import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { taskDataIsHere } from '#exam/readers'
import { prepareTasks } from '#exam/run'
import { readTask } from '#exam/task'
import { UsageError } from './command.ts'
import { exam } from './commands/exam.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exam-command-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
  vi.restoreAllMocks()
})

const question = 'A question of more than thirteen words that some document may have had in it before, number'

function writeTask(): void {
  const items = [1, 2, 3].map((i) =>
    JSON.stringify({ id: String(i), question: `${question} ${i}`, answers: [String(i)] }),
  )
  writeFileSync(join(folder, 'sums.jsonl'), items.join('\n'))
  writeFileSync(
    join(folder, 'sums.json'),
    JSON.stringify({ name: 'sums', kind: 'generation', data: 'sums.jsonl', mark: 'numeric', chat: true }),
  )
  writeFileSync(join(folder, 'gone.json'), JSON.stringify({ name: 'gone', kind: 'generation', data: 'gone.jsonl' }))
}

it('examines an API: progress, table, JSON and page; what was answered is not asked again', async () => {
  writeTask()
  let asked = 0
  const server = createServer(async (request, response) => {
    if (request.url === '/v1/models') return void response.end(JSON.stringify({ data: [{ id: 'm' }] }))
    const { messages } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    asked++
    const said = messages[0].content.endsWith('2') ? 'two' : messages[0].content.slice(-1)
    response.end(JSON.stringify({ choices: [{ message: { content: said }, finish_reason: 'stop' }] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const lines: string[] = []
  const errors: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line))
  vi.spyOn(console, 'error').mockImplementation((line) => void errors.push(line))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0)
  writeFileSync(join(folder, 'learnt.txt'), `Once upon a time. ${question.toUpperCase()}, 3\n`)
  const args = [
    '--model',
    `${url}#m`,
    '--tasks',
    folder,
    '--out',
    join(folder, 'out'),
    '--trained-on',
    join(folder, 'learnt.txt'),
  ]
  expect(await exam.run(args)).toBe(0)
  expect(lines.join('\n')).toMatch(/sums .* accuracy +66\.7 % +20\.8 % to 93\.9 % +3 +0\.0 %/)
  expect(errors.join('\n')).toMatch(/Left out.*gone/)
  expect(errors.join('')).toContain('3/3')
  const result = JSON.parse(readFileSync(join(folder, 'out', 'exam.json'), 'utf8'))
  expect(result.results[0]).toMatchObject({ task: 'sums', contaminated: 3 })
  expect(readFileSync(join(folder, 'out', 'exam.html'), 'utf8')).toContain('66.7 %')
  expect(await exam.run(args)).toBe(0)
  expect(asked).toBe(3)
  await new Promise((resolve) => server.close(resolve))
})

it('ships tasks that can be read', () => {
  const recipes = fileURLToPath(new URL('../recipes/exam/', import.meta.url))
  const tasks = readdirSync(recipes).map((name) => readTask(join(recipes, name)))
  expect(tasks.length).toBeGreaterThan(15)
  // Where the published data lies beside this checkout, every item can be asked.
  const here = tasks.filter((task) => taskDataIsHere(task))
  for (const { task, items, lacking } of prepareTasks(here))
    expect({ name: task.name, lacking, some: items.length > 100 }).toEqual({ name: task.name, lacking: [], some: true })
})

it('names what is missing', async () => {
  writeTask()
  await expect(exam.run([])).rejects.toThrow(UsageError)
  await expect(exam.run(['--tasks', join(folder, 'gone.json'), '--model', folder])).rejects.toThrow(
    /holds no config.json/,
  )
  await expect(exam.run(['--tasks', join(folder, 'none.json')])).rejects.toThrow(/none.json cannot be read/)
})
