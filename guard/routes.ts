import type { Audience, Rule, Scope } from './access.ts'

/**
 * Every address of this server: by whom it may be used, and with which scope of a key. An address that is missing here
 * is closed to everybody, and `serve/access.test.ts` fails. A HEAD request counts as the GET of the same address.
 */
export const routes: Readonly<Record<string, Rule>> = {
  ...by('anyone', null, 'GET /health', 'GET /', 'GET /*'),
  ...by('known', null, 'GET /openapi.json'),
  ...by('inspector', 'metrics.read', 'GET /metrics'),

  ...by('worker', 'models.read', 'GET /v1/models', 'GET /v1/models/:model'),
  ...by(
    'worker',
    'models.use',
    'POST /v1/chat/completions',
    'POST /v1/completions',
    'POST /v1/embeddings',
    'POST /v1/messages',
    'POST /v1/messages/count_tokens',
    'POST /infill',
  ),
  ...by('worker', 'models.use', 'POST /v1/responses', 'POST /v1/responses/input_tokens'),
  ...by('worker', 'responses.read', 'GET /v1/responses/:response_id', 'GET /v1/responses/:response_id/input_items'),
  ...by('worker', 'responses.write', 'POST /v1/responses/:response_id/cancel', 'DELETE /v1/responses/:response_id'),
  ...by(
    'worker',
    'responses.read',
    'GET /v1/chat/completions',
    'GET /v1/chat/completions/:completion_id',
    'GET /v1/chat/completions/:completion_id/messages',
  ),
  ...by(
    'worker',
    'responses.write',
    'POST /v1/chat/completions/:completion_id',
    'DELETE /v1/chat/completions/:completion_id',
  ),
  ...by(
    'worker',
    'conversations.read',
    'GET /v1/conversations/:conversation_id',
    'GET /v1/conversations/:conversation_id/items',
    'GET /v1/conversations/:conversation_id/items/:item_id',
  ),
  ...by(
    'worker',
    'conversations.write',
    'POST /v1/conversations',
    'POST /v1/conversations/:conversation_id',
    'DELETE /v1/conversations/:conversation_id',
    'POST /v1/conversations/:conversation_id/items',
    'DELETE /v1/conversations/:conversation_id/items/:item_id',
  ),
  ...by('worker', 'files.read', 'GET /v1/files', 'GET /v1/files/:file_id', 'GET /v1/files/:file_id/content'),
  ...by('worker', 'files.write', 'POST /v1/files', 'DELETE /v1/files/:file_id'),
  ...by(
    'worker',
    'files.write',
    'POST /v1/uploads',
    'POST /v1/uploads/:upload_id/parts',
    'POST /v1/uploads/:upload_id/complete',
    'POST /v1/uploads/:upload_id/cancel',
  ),
  ...by('worker', 'batches.read', 'GET /v1/batches', 'GET /v1/batches/:batch_id'),
  ...by('worker', 'batches.write', 'POST /v1/batches', 'POST /v1/batches/:batch_id/cancel'),

  ...by(
    'worker',
    'conversations.read',
    'GET /api/conversations',
    'GET /api/conversations/search',
    'GET /api/conversations/:id',
    'GET /api/conversations/:id/messages',
    'GET /api/conversations/:id/branch',
    'GET /api/conversations/:id/tree',
    'GET /api/conversations/:id/export',
    'GET /api/conversations/:id/feedback',
    'GET /api/conversations/:id/answers/:answer/events',
    'GET /api/conversations/folders',
    'GET /api/conversations/preferences',
    'GET /api/conversations/consent',
    'GET /api/conversations/pairs',
  ),
  ...by(
    'worker',
    'conversations.write',
    'POST /api/conversations',
    'PATCH /api/conversations/:id',
    'DELETE /api/conversations/:id',
    'POST /api/conversations/:id/restore',
    'POST /api/conversations/changes',
    'POST /api/conversations/import',
    'POST /api/conversations/:id/answers',
    'POST /api/conversations/:id/answers/:answer/stop',
    'PUT /api/conversations/:id/messages/:message/feedback',
    'DELETE /api/conversations/:id/messages/:message/feedback',
    'POST /api/conversations/:id/messages/:message/better',
    'POST /api/conversations/folders',
    'PATCH /api/conversations/folders/:folder',
    'DELETE /api/conversations/folders/:folder',
    'PATCH /api/conversations/preferences',
    'PUT /api/conversations/consent',
  ),
}

function by(who: Audience, scope: Scope | null, ...addresses: string[]): Record<string, Rule> {
  return Object.fromEntries(addresses.map((address) => [address, { who, scope }]))
}

/** What holds for a method and the pattern of an address. */
export function ruleOf(table: Readonly<Record<string, Rule>>, method: string, pattern: string): Rule | undefined {
  const address = `${method === 'HEAD' ? 'GET' : method} ${pattern}`
  return Object.hasOwn(table, address) ? table[address] : undefined
}
