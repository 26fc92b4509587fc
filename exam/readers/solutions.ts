import { z } from 'zod'
import type { Item } from '../item.ts'
import { ExamDataError, records, type Source } from './file.ts'

const gsmSchema = z.looseObject({ question: z.string(), answer: z.string() })

/** GSM8K's JSON lines (Cobbe et al. 2021): the solution ends with `#### ` and the number. */
export function readGsm8k(source: Source): Item[] {
  return records(source, gsmSchema).map(({ value, number }) => {
    const [solution, answer] = value.answer.split('####').map((part) => part.trim())
    if (!answer) throw new ExamDataError(source.path, number, 'the answer has no "####"')
    // The calculator's marks are not shown to a model that has none.
    const steps = solution.replace(/<<[^>]*>>/g, '')
    return {
      id: String(number),
      question: value.question,
      answers: [answer],
      fields: { solution: `${steps}\n#### ${answer}` },
    }
  })
}

const languageSchema = z.enum(['python', 'javascript', 'js', 'py']).optional()
const humanSchema = z.looseObject({
  task_id: z.union([z.string(), z.number()]).optional(),
  name: z.string().optional(),
  prompt: z.string(),
  test: z.string().optional(),
  tests: z.string().optional(),
  entry_point: z.string().optional(),
  language: languageSchema,
  canonical_solution: z.string().optional(),
})

/**
 * HumanEval's JSON lines (Chen et al. 2021); with `JavaScript/…` as task_id those of HumanEval-X, and with `name` and
 * `tests` those of MultiPL-E, whose tasks are the same in JavaScript.
 */
export function readHumanEval(source: Source): Item[] {
  return records(source, humanSchema).map(({ value, number }) => {
    const id = String(value.task_id ?? value.name ?? number)
    const script = /^javascript\//i.test(id) || value.language === 'js' || value.language === 'javascript'
    const tests = value.test ?? value.tests
    if (tests === undefined) throw new ExamDataError(source.path, number, 'has no test')
    // HumanEval defines check(candidate) and leaves the call to whoever runs it.
    const call = value.entry_point && !script ? `\ncheck(${value.entry_point})\n` : ''
    const code = {
      language: script ? ('javascript' as const) : ('python' as const),
      prefix: value.prompt,
      tests: tests + call,
    }
    return { id, question: value.prompt, code: { ...code, ...(value.entry_point ? { entry: value.entry_point } : {}) } }
  })
}

const mbppSchema = z.looseObject({
  task_id: z.union([z.string(), z.number()]).optional(),
  text: z.string().optional(),
  prompt: z.string().optional(),
  test_list: z.array(z.string()).min(1),
  test_setup_code: z.string().optional(),
  test_imports: z.array(z.string()).optional(),
  language: languageSchema,
})

/** MBPP's JSON lines (Austin et al. 2021), whole or sanitized: the tests are shown with the question. */
export function readMbpp(source: Source): Item[] {
  return records(source, mbppSchema).map(({ value, number }) => {
    const words = value.text ?? value.prompt
    if (!words) throw new ExamDataError(source.path, number, 'has neither text nor prompt')
    const script = value.language === 'javascript' || value.language === 'js'
    const setup = [value.test_setup_code ?? '', ...(value.test_imports ?? [])].filter(Boolean)
    return {
      id: String(value.task_id ?? number),
      question: `${words}\nYour code should pass these tests:\n${value.test_list.join('\n')}`,
      code: {
        language: script ? 'javascript' : 'python',
        prefix: '',
        tests: [...setup, ...value.test_list].join('\n'),
      },
    }
  })
}
