/** A trace of system calls as strace writes it with -f -y: what was written where, what was synced, what was sent. */
export type Step =
  | { kind: 'write'; path: string; data: string }
  | { kind: 'sync'; path: string }
  | { kind: 'rename'; path: string }
  | { kind: 'reply'; status: number }

const begun = /^(\d+) +(\w+)\((?:AT_FDCWD<[^>]*>, )?(?:\d+<([^>]*)>|"([^"]*)")?(.*)$/
const resumed = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/
const reply = /"HTTP\/1\.1 (\d{3})/

/** In the order in which they were begun; a sync counts from its end, since only then it holds. */
export function readTrace(text: string): Step[] {
  const steps: Step[] = []
  const open = new Map<string, string>()
  for (const line of text.split('\n')) {
    const end = resumed.exec(line)
    if (end !== null) {
      const [, thread, call, rest] = end
      const path = open.get(`${thread} ${call}`)
      if (path !== undefined && isSync(call) && succeeded(rest)) steps.push({ kind: 'sync', path })
      continue
    }
    const start = begun.exec(line)
    if (start === null) continue
    const [, thread, call, file = '', name = '', rest] = start
    const path = file || name
    open.set(`${thread} ${call}`, path)
    if (isSync(call)) {
      if (succeeded(rest)) steps.push({ kind: 'sync', path })
    } else if (call.startsWith('rename')) steps.push({ kind: 'rename', path })
    else {
      const status = reply.exec(rest)?.[1]
      steps.push(status === undefined ? { kind: 'write', path, data: rest } : { kind: 'reply', status: Number(status) })
    }
  }
  return steps
}

const isSync = (call: string) => call === 'fsync' || call === 'fdatasync'
const succeeded = (rest: string) => / = 0$/.test(rest)

/**
 * What is wrong with the way to the reply that ends `steps`: every file that `mark` was written to has to be synced after
 * that, before the reply. Null where nothing is.
 */
export function unsynced(steps: readonly Step[], mark: string): string | null {
  const last = new Map<string, number>()
  for (const [at, step] of steps.entries())
    if (step.kind === 'write' && step.data.includes(mark)) last.set(step.path, at)
  if (last.size === 0) return `nothing with ${mark} was written before the reply`
  for (const [path, at] of last)
    if (!steps.slice(at).some((step) => step.kind === 'sync' && step.path === path))
      return `${path} was written and not synced before the reply`
  return null
}
