import type { RouteOptions } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { type ZodType, z } from 'zod'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A form that this route reads by itself: its file, and what stands in the other fields. */
    form?: { file: string; fields: ZodType }
  }
}

type Given = Parameters<typeof jsonSchemaTransform>[0] & { route?: RouteOptions }

/** Schemas as /openapi.json shows them, those of forms with them, which no validator of bodies sees. */
export function describeRoute(given: Given): ReturnType<typeof jsonSchemaTransform> {
  const described = jsonSchemaTransform(given)
  const form = given.route?.config?.form
  if (form === undefined) return described
  const { properties = {}, required = [] } = z.toJSONSchema(form.fields, { io: 'input', target: 'draft-2020-12' })
  const body = {
    type: 'object',
    properties: { [form.file]: { type: 'string', format: 'binary' }, ...properties },
    required: [form.file, ...required],
    additionalProperties: false,
  }
  return { ...described, schema: { ...described.schema, consumes: ['multipart/form-data'], body } }
}
