import { z } from 'zod'
import { generation } from './fields.ts'
import { limits } from './limits.ts'
import { onceWhole } from './once-whole.ts'
import { consentVersion, feedbackReasons } from './opinions.ts'

/** `/api/conversations…`: what the page and the server say to each other about conversations that are kept. */

const { conversations: most } = limits

const id = (kind: string) =>
  z
    .string()
    .min(1)
    .max(most.idLength)
    .regex(/^[A-Za-z0-9_-]+$/, { error: `expected the id of a ${kind}` })
export const conversationId = id('conversation')
export const messageId = id('message')
export const folderId = id('folder')

const title = z.string().max(most.titleLength)
const text = z.string().max(most.textLength)
const time = z.int().describe('Milliseconds since 1970.')

/** What the page keeps beside a conversation or a folder. */
const settingsSchema = z
  .record(z.string().max(64), z.unknown())
  .refine((value) => JSON.stringify(value).length <= most.settingsLength, {
    error: `expected at most ${most.settingsLength} characters of JSON`,
  })

export const conversationSchema = z.object({
  id: z.string(),
  title: z.string(),
  model: z.string().nullable(),
  settings: z.record(z.string(), z.unknown()),
  folder: z.string().nullable(),
  leaf: z.string().nullable().describe('The last message of the branch that is shown.'),
  pinned: z.boolean(),
  archived: z.boolean(),
  created: time,
  updated: time,
})
export type Conversation = z.infer<typeof conversationSchema>

export const conversationPageSchema = z.object({ data: z.array(conversationSchema), next: z.string().nullable() })
export type ConversationPage = z.infer<typeof conversationPageSchema>

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const cursor = z.string().max(most.cursorLength)
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  after: cursor.optional(),
})
export const listQuerySchema = z.strictObject({
  archived: flag.optional(),
  folder: z
    .union([z.literal('none'), folderId])
    .optional()
    .describe('`none`: those that lie in no folder.'),
  limit: z.coerce.number().int().min(1).max(100).optional(),
  after: cursor.optional(),
})

export const newConversationSchema = z.strictObject({
  id: conversationId.optional(),
  title: title.optional(),
  model: z.string().max(limits.modelIdLength).nullish(),
  settings: settingsSchema.optional(),
  folder: folderId.nullish(),
})

export const conversationChangeSchema = z.strictObject({
  title: title.min(1).optional(),
  model: z.string().max(limits.modelIdLength).nullish(),
  settings: settingsSchema.optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
  folder: folderId.nullish(),
  shown: messageId.optional().describe('Shows the branch through this message.'),
})
export type ConversationChange = z.infer<typeof conversationChangeSchema>

export const manyChangesSchema = z.strictObject({
  ids: z.array(conversationId).min(1).max(most.atOnce),
  change: z.strictObject({
    pinned: z.boolean().optional(),
    archived: z.boolean().optional(),
    folder: folderId.nullish(),
    discarded: z.boolean().optional(),
  }),
})
export type ManyChanges = z.infer<typeof manyChangesSchema>
export const manyDoneSchema = z.object({ changed: z.int() })

/** What is known of an answer besides its text. */
export const answerDetailSchema = z.object({
  state: z.enum(['writing', 'done', 'stopped', 'failed', 'lost']).optional(),
  stream: z.string().optional().describe('While it is written: where its events are.'),
  base: z.int().optional().describe('While it goes on: the length of what was there before.'),
  finish: z.string().optional(),
  prompt_tokens: z.int().nullable().optional(),
  cached_tokens: z.int().nullable().optional(),
  completion_tokens: z.int().nullable().optional(),
  first_token_ms: z.number().nullable().optional(),
  total_ms: z.number().optional(),
  seed: z.number().nullable().optional(),
  dropped: z.int().optional(),
  cost: z.object({ amount: z.number(), currency: z.string() }).nullable().optional(),
  error: z.object({ code: z.string(), message: z.string(), request: z.string() }).nullable().optional(),
  author: z.literal('person').optional().describe("The person's own better answer."),
  instead: z.string().optional().describe('Of which answer it is the better one.'),
})
export type AnswerDetail = z.infer<typeof answerDetailSchema>

export const messageSchema = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  role: z.string(),
  content: z.unknown(),
  model: z.string().nullable(),
  status: z.enum(['complete', 'partial', 'failed']),
  detail: z.record(z.string(), z.unknown()),
  created: time,
})
export type KeptMessage = z.infer<typeof messageSchema>
export const messagePageSchema = z.object({ data: z.array(messageSchema), next: z.string().nullable() })
export const branchSchema = z.object({ data: z.array(messageSchema.extend({ alternatives: z.array(z.string()) })) })
export const treeSchema = z.object({
  data: z.array(messageSchema.pick({ id: true, parent: true, role: true, status: true, created: true })),
})

/** How an answer is to be made; what is left out is the model's own. */
const { model, temperature, top_p, seed } = generation
export const samplingSchema = z.strictObject({
  temperature,
  top_p,
  seed,
  max_tokens: z.int().min(1).max(limits.maxTokens).nullish(),
  system: z.string().max(most.instructionsLength).nullish(),
})

export const answerRequestSchema = z
  .strictObject({
    model: model.optional().describe('The first that there is, where it is left out.'),
    parent: messageId.nullable().describe('The message below which the question, or without one the answer, comes.'),
    question: z.strictObject({ id: messageId, text: text.min(1) }).optional(),
    answer: z.strictObject({ id: messageId }),
    continues: z.boolean().optional().describe('The answer is there and broke off: more is written at its end.'),
    sampling: samplingSchema.optional(),
    create: z
      .strictObject({ folder: folderId.nullish() })
      .optional()
      .describe('Makes the conversation if it is not there yet.'),
    language: z.enum(['en', 'zh']).optional().describe('Of the words that the server adds.'),
  })
  .superRefine((body, context) => {
    if (body.question !== undefined && body.continues === true)
      context.addIssue({ code: 'custom', path: ['continues'], message: 'expected no question where an answer goes on' })
    if (body.question === undefined && body.continues !== true && body.parent === null)
      context.addIssue({ code: 'custom', path: ['parent'], message: 'expected the question that is answered' })
  }, onceWhole)
export type AnswerRequest = z.infer<typeof answerRequestSchema>

export const answerBegunSchema = z.object({
  conversation: conversationSchema,
  question: messageSchema.nullable(),
  answer: messageSchema,
})
export type AnswerBegun = z.infer<typeof answerBegunSchema>

/** The events of an answer, each with a number that a reader comes back with as `Last-Event-ID`. */
export const answerEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), model: z.string(), prompt_tokens: z.int(), dropped: z.int() }),
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('end'), status: messageSchema.shape.status, detail: answerDetailSchema }),
  z.object({ type: z.literal('title'), title: z.string() }),
])
export type AnswerEvent = z.infer<typeof answerEventSchema>

export const searchQuerySchema = z.strictObject({
  q: z.string().max(most.queryLength),
  limit: z.coerce.number().int().min(1).max(50).optional(),
  after: cursor.optional(),
})
const marks = z.array(z.tuple([z.int(), z.int()])).describe('What was looked for: from and to.')
export const searchReplySchema = z.object({
  titles: z.array(z.object({ id: z.string(), title: z.string(), marks })),
  data: z.array(
    z.object({
      conversation: z.string(),
      title: z.string(),
      message: z.string(),
      role: z.string(),
      created: time,
      excerpt: z.string(),
      marks,
    }),
  ),
  next: z.string().nullable(),
})
export type SearchReply = z.infer<typeof searchReplySchema>

export const folderSchema = z.object({
  id: z.string(),
  name: z.string(),
  settings: z.record(z.string(), z.unknown()),
  created: time,
})
export type Folder = z.infer<typeof folderSchema>
export const folderListSchema = z.object({ data: z.array(folderSchema) })
const folderName = z.string().trim().min(1).max(most.titleLength)
export const newFolderSchema = z.strictObject({ name: folderName, settings: settingsSchema.optional() })
export const folderChangeSchema = z.strictObject({ name: folderName.optional(), settings: settingsSchema.optional() })

export const preferencesSchema = z.object({
  instructions: z.string().describe('Read by the model before every conversation.'),
  titles: z.boolean().describe('Whether the model gives conversations their titles.'),
})
export type Preferences = z.infer<typeof preferencesSchema>
export const preferencesChangeSchema = z.strictObject({
  instructions: z.string().max(most.instructionsLength).optional(),
  titles: z.boolean().optional(),
})

export const feedbackSchema = z.strictObject({
  rating: z.union([z.literal(1), z.literal(-1)]),
  reasons: z.array(z.enum(feedbackReasons)).max(feedbackReasons.length).optional(),
  comment: z.string().max(most.commentLength).optional(),
})
export const feedbackListSchema = z.object({
  data: z.array(
    z.object({
      message: z.string(),
      rating: z.union([z.literal(1), z.literal(-1)]),
      reasons: z.array(z.string()),
      comment: z.string(),
    }),
  ),
})
export type FeedbackList = z.infer<typeof feedbackListSchema>
export const betterAnswerSchema = z.strictObject({ id: messageId, text: text.min(1) })

export const consentSchema = z.object({
  given: z.boolean(),
  version: z.string(),
  history: z.array(z.object({ version: z.string(), given: time, withdrawn: time.nullable() })),
})
export type ConsentRecord = z.infer<typeof consentSchema>
export const consentChangeSchema = z.strictObject({ given: z.boolean(), version: z.literal(consentVersion) })

const importedMessage = z.strictObject({
  id: z.string().min(1).max(200),
  parent: z.string().max(200).nullable(),
  role: z.enum(['user', 'assistant', 'system']),
  text,
  model: z.string().max(limits.modelIdLength).nullish(),
  created: time.min(0),
})
export const importSchema = z.strictObject({
  title,
  created: time.min(0),
  updated: time.min(0),
  archived: z.boolean().optional(),
  leaf: z.string().max(200).nullable(),
  messages: z.array(importedMessage).max(most.importedMessages),
})
export type Imported = z.infer<typeof importSchema>

export const exportQuerySchema = z.strictObject({ format: z.enum(['json', 'markdown']).optional() })
