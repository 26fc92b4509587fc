import { z } from 'zod'
import { limits } from './limits.ts'
import { inputItemSchema } from './response-items.ts'
import { metadataSchema } from './tools.ts'

/** `/v1/conversations`: items that are kept between responses. */

const items = z.array(inputItemSchema).max(limits.conversationItems)

export const conversationCreateSchema = z
  .strictObject({
    items: items.nullish().describe('The first items of the conversation.'),
    metadata: metadataSchema.nullish(),
  })
  .nullish()
export const conversationUpdateSchema = z.strictObject({ metadata: metadataSchema.nullable() })
export const itemsCreateSchema = z.strictObject({ items: items.min(1) })

export const conversationSchema = z.object({
  id: z.string(),
  object: z.literal('conversation'),
  created_at: z.int(),
  metadata: metadataSchema,
})
export type ConversationBody = z.infer<typeof conversationSchema>

export const conversationDeletedSchema = z.object({
  id: z.string(),
  object: z.literal('conversation.deleted'),
  deleted: z.literal(true),
})
