/** The sandbox's thread: one QuickJS runtime for each program. Started by `Sandbox`. */
import { parentPort } from 'node:worker_threads'
import variant from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core'
import type { SandboxTask, Verdict } from '../sandbox.ts'
import { prelude } from './prelude.ts'

if (parentPort === null) throw new Error('worker.ts runs in a thread that Sandbox starts')
const port = parentPort
// Its types describe the CommonJS build, whose default lies one level deeper.
const quickJs = await newQuickJSWASMModuleFromVariant(variant as unknown as QuickJSSyncVariant)

port.on('message', (task: SandboxTask) => {
  port.postMessage({ id: task.id, ...run(quickJs, task) })
})

port.postMessage({ ready: true })

const stackBytes = 512 * 1024
/** Promise reactions of one program: a chain without end swallows the interruption that stops it, so it is counted. */
const mostJobs = 20_000
const jobsAtOnce = 200

function run(module: QuickJSWASMModule, { program, tests, timeMs, memoryBytes }: SandboxTask): Verdict {
  const runtime = module.newRuntime()
  const deadline = spentMs() + timeMs
  runtime.setMemoryLimit(memoryBytes)
  runtime.setMaxStackSize(stackBytes)
  runtime.setInterruptHandler(() => spentMs() > deadline)
  const context = runtime.newContext()
  try {
    const problem =
      evaluate(context, prelude, 'prelude.js') ??
      evaluate(context, program, 'answer.js') ??
      evaluate(context, tests, 'tests.js')
    // A promise may have swallowed the interruption: what ran too long has not passed, whatever it says.
    if (spentMs() > deadline) return { passed: false, problem: `it ran longer than ${timeMs} ms` }
    return problem === null ? { passed: true, problem: '' } : { passed: false, problem }
  } finally {
    context.dispose()
    runtime.dispose()
  }
}

/** Processor time of this thread. */
function spentMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Null where it ran to its end, promises and all. */
function evaluate(context: QuickJSContext, code: string, name: string): string | null {
  const result = context.evalCode(code, name, { type: 'global' })
  if (result.error) return told(context, result.error)
  result.value.dispose()
  const unsettled = settle(context)
  if (unsettled !== null) return unsettled
  const rejected = context.evalCode('__rejections()', 'prelude.js')
  if (rejected.error) return told(context, rejected.error)
  const text = context.dump(rejected.value)
  rejected.value.dispose()
  return typeof text === 'string' && text !== '' ? text : null
}

/** Runs promise reactions until none is left. */
function settle(context: QuickJSContext): string | null {
  for (let ran = 0; context.runtime.hasPendingJob(); ran += jobsAtOnce) {
    if (ran >= mostJobs) return `its promises do not come to an end (more than ${mostJobs} reactions)`
    const jobs = context.runtime.executePendingJobs(jobsAtOnce)
    if (jobs.error) return told(context, jobs.error)
    jobs.dispose()
  }
  return null
}

type Handle = Parameters<QuickJSContext['dump']>[0]

function told(context: QuickJSContext, error: Handle): string {
  const dumped = context.dump(error) as unknown
  error.dispose()
  if (typeof dumped !== 'object' || dumped === null) return String(dumped).slice(0, 500)
  const { name = 'Error', message = '' } = dumped as { name?: unknown; message?: unknown }
  return `${String(name)}: ${String(message)}`.slice(0, 500)
}
