import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

const nothing = z.strictObject({})
/** Anthropic's own client marks what it calls beta in the address, `?beta=true`, and asks for nothing else by it. */
const marked = z.strictObject({ beta: z.literal('true').optional() })

/** An address that knows no query refuses one, by the name of what stands there: nothing is silently dropped. */
export function refuseStrayQueries(app: FastifyInstance): void {
  app.addHook('onRoute', ({ url, schema }) => {
    if (schema === undefined || schema.querystring !== undefined || !/^\/(v1\/|infill$)/.test(url)) return
    schema.querystring = url.startsWith('/v1/messages') ? marked : nothing
  })
}
