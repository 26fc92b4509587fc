import { z } from 'zod'
import { chatReplySchema, imagePart, textPart } from './chat.ts'
import { limits } from './limits.ts'
import { identifier, listReply, queryNumber } from './lists.ts'
import { onceWhole } from './once-whole.ts'
import { metadataSchema, toolCallSchema } from './tools.ts'

/** `/v1/chat/completions` that were asked to be kept. */

export const keptChatSchema = chatReplySchema.extend({ metadata: metadataSchema })
export const keptChatListSchema = listReply(keptChatSchema)
export const chatUpdateSchema = z.strictObject({ metadata: metadataSchema.nullable() })
export const chatDeletedSchema = z.object({
  id: z.string(),
  object: z.literal('chat.completion.deleted'),
  deleted: z.literal(true),
})

const paging = {
  after: identifier.optional().describe('The id of the last one known.'),
  limit: queryNumber(1, limits.listPage).optional(),
  order: z.enum(['asc', 'desc']).optional(),
}
export const keptMessagesQuerySchema = z.strictObject(paging)

/** `metadata[key]=value` asks for those that have it. */
const condition = /^metadata\[([^\]]{1,64})\]$/
const known = z.strictObject({ ...paging, model: identifier.optional() })

export const keptChatQuerySchema = z.looseObject(known.shape).superRefine((query, context) => {
  const strange = Object.entries(query).find(
    ([name, value]) => !(name in known.shape) && !(condition.test(name) && typeof value === 'string'),
  )
  if (strange !== undefined) context.addIssue({ code: 'unrecognized_keys', keys: [strange[0]], input: query })
}, onceWhole)

export function metadataWanted(query: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => {
      const key = condition.exec(name)?.[1]
      return key === undefined ? [] : [[key, String(value)]]
    }),
  )
}

const keptImage = imagePart.extend({
  image_url: z.object({ url: z.string(), detail: z.enum(['auto', 'low', 'high']).optional() }),
})
export const keptMessageSchema = z.object({
  id: z.string(),
  role: z.enum(['developer', 'system', 'user', 'assistant', 'tool']).describe('Of whom the message is that was sent.'),
  content: z.string().nullable(),
  name: z.string().nullable(),
  refusal: z.null(),
  content_parts: z.array(z.discriminatedUnion('type', [textPart, keptImage])).nullable(),
  tool_calls: z.array(toolCallSchema).optional(),
  tool_call_id: z.string().optional(),
})
export type KeptMessage = z.infer<typeof keptMessageSchema>
export const keptMessageListSchema = listReply(keptMessageSchema)
