import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Caller } from '#serve/caller'
import { auditTable } from '#serve/csv'
import type { AuditEntry } from '#store/audit'
import type { Store } from '#store/open'
import { auditPageSchema, auditQuerySchema } from '#wire/audit'
import { errorBodySchema } from '#wire/error-body'
import { sendCsv } from './usage-routes.ts'

/** By whom an act was done, as the audit log names them. */
export const actorOf = ({ person, key, by }: Caller): string => person || key || by

/** `GET /v1/organization/audit_logs`: acts of administration, the newest first. */
export function auditRoutes(app: FastifyInstance, store: Store): void {
  const schema = {
    summary: 'Acts of administration, the newest first',
    querystring: auditQuerySchema,
    response: { 200: auditPageSchema, '4xx': errorBodySchema, '5xx': errorBodySchema },
  }
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/v1/organization/audit_logs', { schema }, async ({ caller, query }, reply) => {
      const { data: entries, next } = await store.audit.list(caller.organisation, {
        limit: query.limit ?? 20,
        after: query.after,
        from: query['effective_at[gte]'] === undefined ? undefined : query['effective_at[gte]'] * 1000,
        until: query['effective_at[lt]'] === undefined ? undefined : query['effective_at[lt]'] * 1000,
        actor: query.actor_ids,
        action: query.event_types,
      })
      if (query.format === 'csv') return sendCsv(reply, 'audit', auditTable(entries))
      const data = entries.map(shownEntry)
      return {
        object: 'list' as const,
        data,
        first_id: data.at(0)?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
        has_more: next !== null,
        next_page: next,
      }
    })
}

/** An entry in OpenAI's shape, with the link of its chain beside. */
export function shownEntry({ seq, at, actor, action, target, detail, hash }: AuditEntry) {
  const key = actor.startsWith('key_')
  return {
    id: `audit_log-${seq}`,
    type: action,
    effective_at: Math.floor(at / 1000),
    actor: key
      ? { type: 'api_key', api_key: { id: actor, type: 'user' } }
      : { type: 'session', session: { user: { id: actor } } },
    target,
    [action]: { id: target, data: detail },
    dotline: { seq, hash },
  }
}
