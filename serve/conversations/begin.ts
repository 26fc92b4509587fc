import { randomInt } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Engine, ModelInfo } from '#serve/engine'
import type { Conversation, Message } from '#store/conversations'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import type { AnswerBegun, AnswerDetail, AnswerRequest } from '#wire/conversations'
import { ApiError } from '#wire/errors'
import { chatRequest } from '../http/requests.ts'
import { findModel, type RouteOptions } from '../http/routes.ts'
import { costAt } from './cost.ts'
import { goOnTurn, instructionsOf, textOf, turnsOf } from './prompt.ts'
import { settled } from './settle.ts'
import { askTitle, firstWords } from './title.ts'
import type { Writings } from './writing.ts'

export interface Beginning {
  options: RouteOptions & { store: Store }
  writings: Writings
  request: FastifyRequest
  /** The conversation's. */
  id: string
  body: AnswerRequest
}

/** Keeps the question and the beginning of an answer, and lets it be written. Said twice, it is done once. */
export async function beginAnswer(beginning: Beginning): Promise<AnswerBegun> {
  const { options, request, id, body } = beginning
  const { store } = options
  const { owner } = request.caller
  const engine = options.engineOf(request)
  const model = modelFor(engine, body.model)
  const conversation = await conversationFor(store, owner, id, body)
  const known = await earlier(store, owner, id, body)
  if (known !== null) return { conversation, ...known } as AnswerBegun
  const asked = await keepQuestion(store, owner, id, body)
  const below = asked?.id ?? body.parent
  const answer = await keepAnswer(store, owner, id, body, below, model.id)
  const path = await store.conversations.branch(owner, id, body.continues === true ? answer.id : (below ?? undefined))
  await write(beginning, engine, model, conversation, path, answer)
  return { conversation: await store.conversations.get(owner, id), question: asked, answer } as AnswerBegun
}

function modelFor(engine: Engine, wanted: string | undefined): ModelInfo {
  if (wanted !== undefined) return findModel(engine, wanted)
  const [first] = engine.models()
  if (first === undefined) throw new ApiError('model_not_found', 'There is no model here.', 'model')
  return first
}

async function conversationFor(store: Store, owner: string, id: string, body: AnswerRequest): Promise<Conversation> {
  if (body.create === undefined) return store.conversations.get(owner, id)
  const title = firstWords(body.question?.text ?? '')
  try {
    const { folder } = body.create
    return await store.conversations.create(owner, { id, title, folder, settings: { titled: 'question' } })
  } catch (error) {
    if (error instanceof StoreError && error.code === 'conflict') return store.conversations.get(owner, id)
    throw error
  }
}

/** What an earlier request with the same ids made, where its answer got lost on the way. */
async function earlier(store: Store, owner: string, id: string, body: AnswerRequest) {
  if (body.continues === true) return null
  const found = async (message: string): Promise<Message | null> => {
    try {
      return await store.conversations.getMessage(owner, id, message)
    } catch (error) {
      if (error instanceof StoreError && error.code === 'absent') return null
      throw error
    }
  }
  const answer = await found(body.answer.id)
  if (answer === null) return null
  return { question: body.question === undefined ? null : await found(body.question.id), answer }
}

async function keepQuestion(store: Store, owner: string, id: string, body: AnswerRequest): Promise<Message | null> {
  if (body.question === undefined) return null
  const { text } = body.question
  try {
    return await store.conversations.addMessage(owner, id, {
      id: body.question.id,
      parent: body.parent,
      role: 'user',
      content: text,
      text,
    })
  } catch (error) {
    // The question was kept by a request that broke off before its answer.
    if (error instanceof StoreError && error.code === 'conflict')
      return store.conversations.getMessage(owner, id, body.question.id)
    throw error
  }
}

async function keepAnswer(
  store: Store,
  owner: string,
  id: string,
  body: AnswerRequest,
  parent: string | null,
  model: string,
): Promise<Message> {
  const { conversations, streams } = store
  const stream = await streams.start(owner)
  const detail: AnswerDetail = { state: 'writing', stream, seed: body.sampling?.seed ?? randomInt(2 ** 31) }
  if (body.continues !== true) {
    const given = { id: body.answer.id, parent, role: 'assistant', content: '', text: '', model, detail }
    return conversations.addMessage(owner, id, { ...given, status: 'partial' })
  }
  const before = await settled(store, owner, id, await conversations.getMessage(owner, id, body.answer.id))
  if (before.role !== 'assistant' || (before.detail as AnswerDetail).state === 'writing')
    throw new ApiError('conflict', 'Only an answer that has ended can go on.', 'continues')
  const base = textOf(before.content).length
  return conversations.amendMessage(owner, id, before.id, { status: 'partial', model, detail: { ...detail, base } })
}

async function write(
  { options, writings, request, id, body }: Beginning,
  engine: Engine,
  model: ModelInfo,
  conversation: Conversation,
  path: readonly Message[],
  answer: Message,
): Promise<void> {
  const { store } = options
  const { owner, organisation } = request.caller
  const preferences = await store.preferences.all(owner)
  const folder = conversation.folder === null ? null : await store.folders.get(owner, conversation.folder)
  const own = (value: unknown) => (typeof value === 'string' ? value : '')
  const instructions = instructionsOf(
    own(preferences.instructions),
    own(folder?.settings.instructions),
    own(conversation.settings.instructions),
    body.sampling?.system,
  )
  const turns = turnsOf(path, instructions)
  if (body.continues === true && textOf(answer.content).trim() !== '') turns.push(goOnTurn(body.language))
  const { temperature, top_p, max_tokens } = body.sampling ?? {}
  const { seed } = answer.detail as AnswerDetail
  const base = chatRequest({
    model: model.id,
    messages: [{ role: 'user', content: '' }],
    temperature,
    top_p,
    seed,
    max_completion_tokens: max_tokens,
  })
  writings.begin(engine, {
    owner,
    conversation: id,
    answer,
    request: { ...base, messages: turns },
    requestId: request.id,
    costOf: costAt(store, organisation, model.id),
    ...titleOf(store, engine, owner, conversation, model.id, path, preferences.titles !== false),
  })
}

/** Lets the model name a conversation after its first answer, unless a person did. */
function titleOf(
  store: Store,
  engine: Engine,
  owner: string,
  { id, settings }: Conversation,
  model: string,
  path: readonly Message[],
  wanted: boolean,
) {
  if (!wanted || settings.titled !== 'question' || path.length !== 1) return {}
  const question = textOf(path[0].content)
  return {
    title: async (answer: string, signal: AbortSignal): Promise<string | null> => {
      const title = await askTitle(engine, model, question, answer, signal)
      if (title === null) return null
      const now = await store.conversations.get(owner, id)
      if (now.settings.titled !== 'question') return null
      await store.conversations.update(owner, id, { title, settings: { ...now.settings, titled: 'model' } })
      return title
    },
  }
}
