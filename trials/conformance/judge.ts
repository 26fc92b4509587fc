import { isDeepStrictEqual } from 'node:util'
import { type ZodType, z } from 'zod'
import { auditPageSchema } from '#wire/audit'
import { batchListSchema, batchSchema } from '#wire/batches'
import { chatChunkSchema, chatReplySchema } from '#wire/chat'
import { chatDeletedSchema, keptChatListSchema, keptChatSchema, keptMessageListSchema } from '#wire/chat-kept'
import { completionChunkSchema, completionReplySchema } from '#wire/completions'
import { embeddingReplySchema } from '#wire/embeddings'
import { errorBodySchema } from '#wire/error-body'
import { fileDeletedSchema, fileListSchema, fileSchema } from '#wire/files'
import { infillChunkSchema, infillReplySchema } from '#wire/infill'
import { listReply } from '#wire/lists'
import { countTokensReplySchema, messageErrorSchema, messageEventSchema, messageSchema } from '#wire/messages'
import { modelListSchema, modelSchema } from '#wire/models'
import {
  adminKeyObjectSchema,
  projectKeyObjectSchema,
  projectObjectSchema,
  projectUserObjectSchema,
  userObjectSchema,
} from '#wire/projects'
import { conversationDeletedSchema, conversationSchema } from '#wire/response-conversations'
import { responseEventSchema } from '#wire/response-events'
import { itemSchema } from '#wire/response-items'
import { itemListSchema } from '#wire/response-queries'
import { inputTokensReplySchema, responseDeletedSchema, responseSchema } from '#wire/responses'
import { uploadPartSchema, uploadSchema } from '#wire/uploads'
import { completionsUsageSchema, costResultSchema, embeddingsUsageSchema, pageOf } from '#wire/usage'

/** What the server must say at an address: whole, and by the event where it streams. */
export interface Form {
  path: RegExp
  /** Of all methods, where it is left out. */
  method?: string
  whole: ZodType
  event?: ZodType
}

const forms: readonly Form[] = [
  { path: /^\/v1\/chat\/completions$/, method: 'GET', whole: keptChatListSchema },
  { path: /^\/v1\/chat\/completions\/[^/]+$/, method: 'DELETE', whole: chatDeletedSchema },
  { path: /^\/v1\/chat\/completions\/[^/]+$/, whole: keptChatSchema },
  { path: /^\/v1\/chat\/completions\/[^/]+\/messages$/, whole: keptMessageListSchema },
  { path: /^\/v1\/chat\/completions$/, whole: chatReplySchema, event: chatChunkSchema },
  { path: /^\/v1\/completions$/, whole: completionReplySchema, event: completionChunkSchema },
  { path: /^\/v1\/models$/, whole: modelListSchema },
  { path: /^\/v1\/models\/[^/]+$/, whole: modelSchema },
  { path: /^\/v1\/messages$/, whole: messageSchema, event: messageEventSchema },
  { path: /^\/v1\/messages\/count_tokens$/, whole: countTokensReplySchema },
  { path: /^\/v1\/responses\/input_tokens$/, whole: inputTokensReplySchema },
  { path: /^\/v1\/responses\/[^/]+\/input_items$/, whole: itemListSchema },
  { path: /^\/v1\/responses\/[^/]+\/cancel$/, whole: responseSchema },
  { path: /^\/v1\/responses\/[^/]+$/, method: 'DELETE', whole: responseDeletedSchema },
  { path: /^\/v1\/responses(\/[^/]+)?$/, whole: responseSchema, event: responseEventSchema },
  { path: /^\/v1\/conversations\/[^/]+$/, method: 'DELETE', whole: conversationDeletedSchema },
  { path: /^\/v1\/conversations(\/[^/]+)?$/, whole: conversationSchema },
  { path: /^\/v1\/conversations\/[^/]+\/items$/, whole: itemListSchema },
  { path: /^\/v1\/conversations\/[^/]+\/items\/[^/]+$/, method: 'DELETE', whole: conversationSchema },
  { path: /^\/v1\/conversations\/[^/]+\/items\/[^/]+$/, whole: itemSchema },
  { path: /^\/v1\/embeddings$/, whole: embeddingReplySchema },
  { path: /^\/v1\/files$/, method: 'GET', whole: fileListSchema },
  { path: /^\/v1\/files\/[^/]+$/, method: 'DELETE', whole: fileDeletedSchema },
  { path: /^\/v1\/files(\/[^/]+)?$/, whole: fileSchema },
  { path: /^\/v1\/files\/[^/]+\/content$/, whole: z.unknown() },
  { path: /^\/v1\/uploads\/[^/]+\/parts$/, whole: uploadPartSchema },
  { path: /^\/v1\/uploads/, whole: uploadSchema },
  { path: /^\/v1\/organization\/usage\/completions$/, whole: pageOf(completionsUsageSchema) },
  { path: /^\/v1\/organization\/usage\/embeddings$/, whole: pageOf(embeddingsUsageSchema) },
  { path: /^\/v1\/organization\/costs$/, whole: pageOf(costResultSchema) },
  { path: /^\/v1\/organization\/audit_logs$/, whole: auditPageSchema },
  { path: /^\/v1\/organization\/users$/, whole: listReply(userObjectSchema) },
  { path: /^\/v1\/organization\/admin_api_keys$/, whole: listReply(adminKeyObjectSchema) },
  { path: /^\/v1\/organization\/projects$/, method: 'GET', whole: listReply(projectObjectSchema) },
  { path: /^\/v1\/organization\/projects\/[^/]+\/users$/, whole: listReply(projectUserObjectSchema) },
  { path: /^\/v1\/organization\/projects\/[^/]+\/api_keys$/, whole: listReply(projectKeyObjectSchema) },
  { path: /^\/v1\/organization\/projects(\/[^/]+(\/archive)?)?$/, whole: projectObjectSchema },
  { path: /^\/v1\/batches$/, method: 'GET', whole: batchListSchema },
  { path: /^\/v1\/batches/, whole: batchSchema },
  { path: /^\/infill$/, whole: infillReplySchema, event: z.union([infillChunkSchema, infillReplySchema]) },
]

export interface Spoken {
  method: string
  path: string
  status: number
  contentType: string
  text: string
}

/** The reply is not what its schema says, or says more than its schema knows. */
export class FormError extends Error {
  override name = 'FormError'
}

/** Holds a whole reply, or every event of a stream, against the schema of its address. @throws FormError */
export function judge({ method, path, status, contentType, text }: Spoken): void {
  const form = forms.find((each) => (each.method ?? method) === method && each.path.test(path.replace(/\?.*$/, '')))
  if (form === undefined) throw new FormError(`no schema for ${method} ${path}`)
  if (status >= 400) return hold(path.startsWith('/v1/messages') ? messageErrorSchema : errorBodySchema, text, path)
  if (path.endsWith('/content')) return
  if (!contentType.startsWith('text/event-stream')) return hold(form.whole, text, path)
  if (form.event === undefined) throw new FormError(`${path} streams, and no schema says what`)
  const datas = text.split('\n\n').flatMap((event) => /^data: (.*)$/m.exec(event)?.[1] ?? [])
  const events = datas.filter((data) => data !== '[DONE]')
  if (events.length === 0) throw new FormError(`${path} streamed nothing`)
  for (const data of events) hold(data.startsWith('{"error"') ? errorBodySchema : form.event, data, path)
}

function hold(schema: ZodType, text: string, path: string): void {
  const value: unknown = JSON.parse(text)
  const { success, data, error } = schema.safeParse(value)
  if (!success) throw new FormError(`${path}: ${error.message}\n${text.slice(0, 500)}`)
  // A schema that does not know a key leaves it out of what it read.
  if (!isDeepStrictEqual(data, value)) throw new FormError(`${path} says more than its schema: ${text.slice(0, 500)}`)
}
