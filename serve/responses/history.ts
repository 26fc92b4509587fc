import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import type { Item } from '#wire/response-items'
import type { PromptBody, ResponseBody } from '#wire/responses'
import { keptItem, textOf } from './items.ts'

/** What stands before a request's input, and how items lie in a conversation. */

export interface History {
  /** The conversation's id where there is one. */
  conversation: string | null
  /** What was said before, the oldest first. */
  before: Item[]
  /** What is said now. */
  input: Item[]
}

export const inputOf = ({ input }: Pick<PromptBody, 'input'>): Item[] =>
  typeof input === 'string' ? [keptItem({ role: 'user', content: input })] : input.map(keptItem)

/** @throws ApiError where what a request builds on is not there, not the caller's, or not finished */
export async function historyOf(store: Store | null, owner: string, body: PromptBody): Promise<History> {
  const input = inputOf(body)
  const conversation = typeof body.conversation === 'string' ? body.conversation : (body.conversation?.id ?? null)
  const previous = body.previous_response_id ?? null
  if (conversation === null && previous === null) return { conversation, before: [], input }
  if (store === null) throw keepsNothing(conversation === null ? 'previous_response_id' : 'conversation')
  if (previous !== null) return { conversation, before: await chainOf(store, owner, previous), input }
  await findConversation(store, owner, conversation as string)
  const { data } = await store.items.list(owner, conversation as string, { limit: limits.messages })
  return { conversation, before: data.reverse().map(itemOf), input }
}

export const keepsNothing = (field: string) =>
  new ApiError('unsupported_parameter', `'${field}' is not supported: this server keeps nothing.`, field)

async function chainOf(store: Store, owner: string, id: string): Promise<Item[]> {
  const chain = await store.responses.chain(owner, id).catch((error: unknown) => {
    if (!(error instanceof StoreError && error.code === 'absent')) throw error
    const text = `There is no response '${id}', or one that it continues was deleted. Send what was said as 'input'.`
    throw new ApiError('previous_response_not_found', text, 'previous_response_id')
  })
  const last = chain.at(-1)?.status
  if (last === 'queued' || last === 'in_progress')
    throw new ApiError(
      'invalid_value',
      `The response '${id}' has not ended yet. Wait for it, or cancel it.`,
      'previous_response_id',
    )
  return chain.flatMap(({ input, body }) => [...(input as Item[]), ...(body as ResponseBody).output])
}

/** Conversations of the page are none of these: they have branches. */
export async function findConversation(store: Store, owner: string, id: string) {
  const found = await store.conversations.get(owner, id)
  if (found.settings.items === true) return found
  throw new ApiError('not_found', `There is no conversation ${JSON.stringify(id)}.`, 'conversation')
}

/** An item as a message of the store; its text stands where search and the page look for it. */
export function messageOf(item: Item) {
  const role = item.type === 'message' ? item.role : item.type === 'function_call_output' ? 'tool' : 'assistant'
  const text = textOf(item)
  return { id: item.id, role, content: text, text, detail: { item } }
}

export const itemOf = ({ detail }: { detail: Record<string, unknown> }): Item => detail.item as Item
