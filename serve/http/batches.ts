import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type BatchTimes, BatchWorker } from '#serve/batches'
import { seconds } from '#serve/seconds'
import type { Batch } from '#store/batches'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import { batchListQuerySchema, batchListSchema, batchRequestSchema, batchSchema } from '#wire/batches'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { identifier, listOf } from '#wire/lists'
import { batchObject } from '../batches/object.ts'
import { findFile } from './files.ts'
import type { RouteOptions } from './routes.ts'

const params = z.object({ batch_id: identifier })
const reply = { 200: batchSchema, ...failures }

/** `/v1/batches`, and the worker that answers them while the server listens. */
export function batchRoutes(app: FastifyInstance, options: RouteOptions & { store: Store }, times?: BatchTimes): void {
  const { store } = options
  const worker = new BatchWorker(app, { ...options, times })
  app.addHook('onListen', async () => worker.start())
  app.addHook('onClose', async () => worker.stop())
  const typed = app.withTypeProvider<ZodTypeProvider>()

  const created = { summary: 'Begins a batch', body: batchRequestSchema, response: reply }
  typed.post('/v1/batches', { schema: created }, async ({ body, caller }) => {
    const { endpoint, input_file_id: input, metadata, output_expires_after } = body
    if (!app.hasRoute({ method: 'POST', url: endpoint }))
      throw new ApiError('unsupported_value', `This server has no ${endpoint}.`, 'endpoint')
    await expectInput(store, caller.owner, input)
    const detail = { metadata: metadata ?? null, ...(output_expires_after && { output_expires_after }) }
    const expires = Date.now() + limits.batchWindowMs
    const id = `batch_${randomBytes(15).toString('hex')}`
    const status = 'validating'
    const given = { id, endpoint, input, detail, expires, lines: [], status } as const
    const create = store.plan.batches.create(caller.owner, { ...given, lines: [] })
    const [batch] = await store.together([create, worker.job({ batch: id, caller })])
    worker.wake()
    return batchObject(batch)
  })

  const listed = {
    summary: 'Batches',
    querystring: batchListQuerySchema,
    response: { 200: batchListSchema, ...failures },
  }
  typed.get('/v1/batches', { schema: listed }, async ({ caller, query }) => {
    const { data, next } = await store.batches.list(caller.owner, { behind: query.after, limit: query.limit })
    return listOf(data.map(batchObject), next !== null)
  })

  const one = { summary: 'A batch', params, response: reply }
  typed.get('/v1/batches/:batch_id', { schema: one }, async ({ caller, params: { batch_id } }) =>
    batchObject(await store.batches.get(caller.owner, batch_id)),
  )

  const cancelled = { summary: 'Cancels a batch; what was answered is kept', params, response: reply }
  typed.post('/v1/batches/:batch_id/cancel', { schema: cancelled }, async ({ caller, params: { batch_id: id } }) => {
    const batch = await cancel(store, caller.owner, id)
    worker.wake(id)
    return batchObject(batch)
  })
}

async function expectInput(store: Store, owner: string, id: string): Promise<void> {
  const refuse = (text: string) => new ApiError('invalid_value', `Invalid 'input_file_id': ${text}`, 'input_file_id')
  const file = await findFile(store, owner, id).catch((error: unknown) => {
    const absent = error instanceof StoreError && error.code === 'absent'
    throw absent || error instanceof ApiError ? refuse('there is no such file.') : error
  })
  if (file.purpose !== 'batch') throw refuse(`the file has the purpose '${file.purpose}', not 'batch'.`)
  if (file.bytes > limits.batchFileBytes)
    throw refuse(`the file has ${file.bytes} bytes, of ${limits.batchFileBytes} that it may have.`)
}

async function cancel(store: Store, owner: string, id: string): Promise<Batch> {
  const before = await store.batches.get(owner, id)
  if (before.status === 'cancelling' || before.status === 'cancelled') return before
  if (before.status !== 'validating' && before.status !== 'in_progress')
    throw new ApiError('conflict', `The batch is ${before.status}: there is nothing to cancel.`, 'batch_id')
  const from = ['validating', 'in_progress'] as const
  return store.batches.setStatus(owner, id, 'cancelling', { cancelling_at: seconds() }, from)
}
