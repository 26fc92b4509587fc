import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Caller } from '#serve/caller'
import { auditTable } from '#serve/csv'
import type { AuditEntry, AuditQuery } from '#store/audit'
import type { Store } from '#store/open'
import { type AuditLogQuery, auditPageSchema, auditQuerySchema } from '#wire/audit'
import { failures } from '#wire/error-body'
import { listOf } from '#wire/lists'
import { sendCsv } from './usage-routes.ts'

/** By whom an act was done, as the audit log names them. */
export const actorOf = ({ person, key, by }: Caller): string => person || key || by

/** `GET /v1/organization/audit_logs`: acts of administration, the newest first. */
export function auditRoutes(app: FastifyInstance, store: Store): void {
  const schema = {
    summary: 'Acts of administration, the newest first',
    querystring: auditQuerySchema,
    response: { 200: auditPageSchema, ...failures },
  }
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/v1/organization/audit_logs', { schema }, async ({ caller, query }, reply) => {
      const { data: entries, next } = await store.audit.list(caller.organisation, await asked(store, caller, query))
      if (query.format === 'csv') return sendCsv(reply, 'audit', auditTable(entries))
      return listOf(entries.map(shownEntry), next !== null)
    })
}

/** Times of whole seconds: what is later than one begins with the next. */
async function asked(store: Store, caller: Caller, query: AuditLogQuery): Promise<AuditQuery> {
  const after = [query['effective_at[gte]'], plusOne(query['effective_at[gt]'])].filter((time) => time !== undefined)
  const before = [query['effective_at[lt]'], plusOne(query['effective_at[lte]'])].filter((time) => time !== undefined)
  return {
    limit: query.limit ?? 20,
    olderThan: query.after,
    newerThan: query.before,
    from: after.length === 0 ? undefined : Math.max(...after) * 1000,
    until: before.length === 0 ? undefined : Math.min(...before) * 1000,
    actor: await actorsOf(store, caller, query),
    action: query.event_types,
    target: query.resource_ids,
  }
}

const plusOne = (time: number | undefined) => (time === undefined ? undefined : time + 1)

/** Actors by their ids and by the addresses of people; undefined for all. */
async function actorsOf(store: Store, caller: Caller, query: AuditLogQuery): Promise<string[] | undefined> {
  if (query.actor_emails === undefined) return query.actor_ids
  const wanted = new Set(query.actor_emails.map((email) => email.toLowerCase()))
  const members = await store.organisations.members(caller.organisation)
  const people = members.filter(({ email }) => wanted.has(email.toLowerCase())).map(({ person }) => person)
  return query.actor_ids === undefined ? people : query.actor_ids.filter((id) => people.includes(id))
}

/** An entry in OpenAI's shape, with the link of its chain beside. */
export function shownEntry({ seq, at, actor, action, target, detail, hash }: AuditEntry) {
  const key = actor.startsWith('key_')
  return {
    id: `audit_log-${seq}`,
    type: action,
    effective_at: Math.floor(at / 1000),
    actor: key
      ? { type: 'api_key' as const, api_key: { id: actor, type: 'user' as const } }
      : { type: 'session' as const, session: { user: { id: actor } } },
    target,
    [action]: { id: target, data: detail },
    dotline: { seq, hash },
  }
}
