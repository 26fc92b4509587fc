import { setTimeout as wait } from 'node:timers/promises'
import type { KeptMessage } from '#wire/conversations'
import type { FileObject } from '#wire/files'
import type { Deed } from './deeds.ts'

/** How long unfinished answers and batches of dead servers may take to be settled. */
const settlingMs = 150_000

/** Holds what a server has against what was acknowledged: a sentence for each thing that is lost, changed or there twice. */
export async function judge(url: string, deeds: readonly Deed[]): Promise<string[]> {
  const faults: string[] = []
  for (const deed of deeds) {
    const fault = await faultOf(url, deed)
    if (fault !== null) faults.push(fault)
  }
  return [...faults, ...(await twice(url, deeds))]
}

async function faultOf(url: string, deed: Deed): Promise<string | null> {
  switch (deed.kind) {
    case 'question': {
      const found = (await branch(url, deed.conversation))?.find(({ id }) => id === deed.id)
      return found?.content === deed.text ? null : `the question ${deed.id} is lost or changed`
    }
    case 'answer':
      return await answerFault(url, deed)
    case 'file': {
      const reply = await fetch(`${url}/v1/files/${deed.id}/content`)
      return reply.ok && (await reply.text()) === deed.content ? null : `the file ${deed.id} is lost or changed`
    }
    case 'batch':
      return await batchFault(url, deed)
    case 'gone': {
      const path = deed.what === 'file' ? `/v1/files/${deed.id}` : `/api/conversations/${deed.id}`
      const { status } = await fetch(`${url}${path}`)
      return status === 404 ? null : `the ${deed.what} ${deed.id} is back after its deletion (${status})`
    }
  }
}

async function branch(url: string, conversation: string): Promise<KeptMessage[] | null> {
  const reply = await fetch(`${url}/api/conversations/${conversation}/branch`)
  return reply.ok ? ((await reply.json()) as { data: KeptMessage[] }).data : null
}

async function answerFault(url: string, deed: Extract<Deed, { kind: 'answer' }>): Promise<string | null> {
  const until = Date.now() + settlingMs
  for (;;) {
    const found = (await branch(url, deed.conversation))?.find(({ id }) => id === deed.id)
    if (found === undefined) return `the answer ${deed.id} is lost`
    if (found.detail.state === 'writing') {
      if (Date.now() > until) return `the answer ${deed.id} is never settled`
      await wait(500)
      continue
    }
    const content = String(found.content)
    if (!content.startsWith(deed.text))
      return `the answer ${deed.id} lost what was delivered: ${deed.text.length} characters, ${content.length} kept`
    if (deed.whole && (found.status !== 'complete' || content !== deed.text))
      return `the answer ${deed.id} was delivered whole and is kept as ${found.status}, ${content.length} characters`
    return null
  }
}

async function batchFault(url: string, deed: Extract<Deed, { kind: 'batch' }>): Promise<string | null> {
  const until = Date.now() + settlingMs
  for (;;) {
    const reply = await fetch(`${url}/v1/batches/${deed.id}`)
    if (!reply.ok) return `the batch ${deed.id} is lost`
    const { status, output_file_id } = (await reply.json()) as { status: string; output_file_id?: string }
    if (status === 'completed') {
      const output = await (await fetch(`${url}/v1/files/${output_file_id}/content`)).text()
      const done = output.split('\n').flatMap((line) => (line ? [String(JSON.parse(line).custom_id)] : []))
      const same = JSON.stringify(done.sort()) === JSON.stringify([...deed.lines].sort())
      return same ? null : `the batch ${deed.id} answered ${done.length} lines where it has ${deed.lines.length}`
    }
    if (!['validating', 'in_progress', 'finalizing'].includes(status)) return `the batch ${deed.id} is ${status}`
    if (Date.now() > until) return `the batch ${deed.id} does not go on: ${status}`
    await wait(500)
  }
}

/** Whatever carries a mark of its own must be there once. */
async function twice(url: string, deeds: readonly Deed[]): Promise<string[]> {
  const names = (await listed<FileObject>(url, '/v1/files?limit=1000')).map(({ filename }) => filename)
  const marks = (await listed<{ metadata: { mark?: string } | null }>(url, '/v1/batches?limit=100')).flatMap(
    ({ metadata }) => metadata?.mark ?? [],
  )
  const seen = (all: readonly string[], one: string) => all.filter((each) => each === one).length
  return deeds.flatMap((deed) => {
    const [what, count] =
      deed.kind === 'file'
        ? ['file', seen(names, deed.name)]
        : deed.kind === 'batch'
          ? ['batch', seen(marks, deed.mark)]
          : ['', 1]
    return count === 1 ? [] : [`the ${what} ${'id' in deed ? deed.id : ''} is listed ${count} times`]
  })
}

async function listed<T extends object>(url: string, path: string): Promise<T[]> {
  const all: T[] = []
  let after = ''
  for (;;) {
    const reply = await fetch(`${url}${path}${after}`)
    if (!reply.ok) throw new Error(`${path} replied ${reply.status}: ${await reply.text()}`)
    const { data, has_more, last_id } = (await reply.json()) as { data: T[]; has_more: boolean; last_id?: string }
    all.push(...data)
    if (!has_more || last_id === undefined) return all
    after = `&after=${last_id}`
  }
}
