import { seconds } from '#serve/seconds'
import type { Batch } from '#store/batches'
import type { BatchLineError, BatchObject, BatchUsage } from '#wire/batches'

/** What the protocol says of a batch beside what the store itself knows. */
type Detail = Partial<
  Pick<
    BatchObject,
    | 'in_progress_at'
    | 'finalizing_at'
    | 'completed_at'
    | 'failed_at'
    | 'expired_at'
    | 'cancelling_at'
    | 'cancelled_at'
    | 'output_file_id'
    | 'error_file_id'
    | 'model'
    | 'metadata'
  >
> & { errors?: BatchLineError[]; usage?: BatchUsage }

/** A batch as clients see it. */
export function batchObject({ id, endpoint, status, input, counts, created, expires, ...batch }: Batch): BatchObject {
  const { errors, metadata, ...detail } = batch.detail as Detail & Record<string, unknown>
  const { outcome: _, output_expires_after: __, ...said } = detail
  return {
    id,
    object: 'batch',
    endpoint,
    ...(errors === undefined ? {} : { errors: { object: 'list' as const, data: errors } }),
    input_file_id: input,
    completion_window: '24h',
    status,
    created_at: seconds(created),
    expires_at: seconds(expires),
    request_counts: counts,
    metadata: metadata ?? null,
    ...said,
  }
}
