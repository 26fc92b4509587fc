import type { Batch, BatchLine } from '#store/batches'
import type { Store } from '#store/open'
import type { BatchAnswer, BatchUsage } from '#wire/batches'
import { limits } from '#wire/limits'
import type { LineAnswer } from './answering.ts'

/** What became of a batch's lines, as files. */
export interface KeptAnswers {
  output_file_id?: string
  error_file_id?: string
  usage: BatchUsage
}

const pageSize = 50

/** Writes both files, each only where there is something for it. What was written by a server that died is taken as it is. */
export async function writeAnswers(
  store: Store,
  owner: string,
  batch: Batch,
  unfinished: { code: string; message: string },
): Promise<KeptAnswers> {
  const usage = noUsage()
  const good = (line: BatchLine) => line.state === 'completed'
  const write = async (kind: 'output' | 'error', wanted: (line: BatchLine) => boolean) => {
    const name = `${batch.id}_${kind}.jsonl`
    const source = async function* () {
      for await (const line of linesOf(store, owner, batch.id)) {
        if (!wanted(line)) continue
        const said = answerOf(batch.id, line, unfinished)
        if (good(line)) addUsage(usage, said.response?.body)
        yield Buffer.from(`${JSON.stringify(said)}\n`)
      }
    }
    return writeOnce(store, owner, batch, name, source)
  }
  const { total, completed } = batch.counts
  const kept: KeptAnswers = { usage }
  if (completed > 0) kept.output_file_id = await write('output', good)
  if (completed < total) kept.error_file_id = await write('error', (line) => !good(line))
  return kept
}

async function writeOnce(
  store: Store,
  owner: string,
  batch: Batch,
  name: string,
  source: () => AsyncIterable<Uint8Array>,
): Promise<string> {
  const { data } = await store.files.list(owner, { purpose: 'batch_output', limit: 1000 })
  const before = data.find((file) => file.name === name && file.created >= batch.created)
  if (before !== undefined) {
    // Reads the lines again for what they used.
    for await (const _ of source());
    return before.id
  }
  const asked = batch.detail.output_expires_after as { seconds: number } | undefined
  const expires = Date.now() + (asked === undefined ? limits.batchFileKeptMs : asked.seconds * 1000)
  // Answers that were made are not thrown away for want of room: they may go beyond it, and then nothing else is taken.
  const quota = Number.MAX_SAFE_INTEGER
  return (await store.files.put(owner, { name, purpose: 'batch_output', expires, quota }, source())).id
}

async function* linesOf(store: Store, owner: string, batch: string): AsyncGenerator<BatchLine> {
  let after: string | undefined
  do {
    const page = await store.batches.lines(owner, batch, { limit: pageSize, after })
    yield* page.data
    after = page.next ?? undefined
  } while (after !== undefined)
}

function answerOf(
  batch: string,
  { line, custom, answer }: BatchLine,
  unfinished: { code: string; message: string },
): BatchAnswer {
  const kept = answer as LineAnswer | null
  const head = { id: `batch_req_${batch.replace(/^batch_/, '')}_${line}`, custom_id: custom }
  if (kept === null) return { ...head, response: null, error: unfinished }
  return 'reply' in kept
    ? { ...head, response: kept.reply, error: null }
    : { ...head, response: null, error: kept.error }
}

const noUsage = (): BatchUsage => ({
  input_tokens: 0,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 0,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 0,
})

interface SaidUsage {
  prompt_tokens?: number
  completion_tokens?: number
  prompt_tokens_details?: { cached_tokens?: number }
  completion_tokens_details?: { reasoning_tokens?: number }
  input_tokens?: number
  output_tokens?: number
  input_tokens_details?: { cached_tokens?: number }
  output_tokens_details?: { reasoning_tokens?: number }
}

/** Adds up what replies say, in either of the two ways in which they say it. */
function addUsage(sum: BatchUsage, body: unknown): void {
  const said = (body as { usage?: SaidUsage } | null)?.usage
  if (said === undefined) return
  const input = said.input_tokens ?? said.prompt_tokens ?? 0
  const output = said.output_tokens ?? said.completion_tokens ?? 0
  sum.input_tokens += input
  sum.output_tokens += output
  sum.total_tokens += input + output
  sum.input_tokens_details.cached_tokens +=
    (said.input_tokens_details ?? said.prompt_tokens_details)?.cached_tokens ?? 0
  sum.output_tokens_details.reasoning_tokens +=
    (said.output_tokens_details ?? said.completion_tokens_details)?.reasoning_tokens ?? 0
}
