import type { Store } from '#store/open'
import type { ChatReply, ChatRequestBody } from '#wire/chat'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'

/** Keeps a completion where its request asks for that. @throws ApiError where nothing can be kept */
export function keeperOf(store: Store | null, owner: string, body: ChatRequestBody) {
  if (body.store !== true) return undefined
  if (store === null || owner === '')
    throw new ApiError('unsupported_parameter', "'store' is not supported: this server keeps nothing.", 'store')
  return async (reply: object): Promise<void> => {
    const { id, model } = reply as ChatReply
    const expires = Date.now() + limits.responseKeptMs
    const metadata = body.metadata ?? {}
    await store.completions.create(owner, { id, model, metadata, input: body.messages, body: reply, expires })
  }
}
