import type {
  AnswerBegun,
  Conversation,
  ConversationChange,
  ConversationPage,
  FeedbackList,
  Folder,
  KeptMessage,
  ManyChanges,
} from '#wire/conversations'
import type { Model } from '#wire/models'
import { Listeners } from '../conversation/listeners.ts'
import { Talk, type TalkPorts } from '../conversation/talk.ts'
import { emptyTree, type Tree } from '../conversation/tree.ts'
import { ask, newId, say } from '../kept/call.ts'
import { keeperOf } from '../kept/keeper.ts'
import { treeOf } from '../kept/tree-of.ts'
import { AnswerFailed, type Failure } from '../stream/failure.ts'
import { askHealth } from '../stream/health.ts'

export interface ShelfState {
  /** Whether the server keeps conversations; `unknown` until it has said so. */
  keeps: 'unknown' | 'yes' | 'no' | 'signed-out'
  conversations: readonly Conversation[]
  next: string | null
  archived: boolean
  folders: readonly Folder[]
  models: readonly string[]
  /** The conversation that is open; empty where it is new or temporary. */
  current: string
  temporary: boolean
  talk: Talk
  /** Grows with each conversation that is opened: what belongs to one starts anew with the next. */
  opened: number
  /** A conversation is being fetched, or could not be. */
  opening: boolean
  failure: Failure | null
  /** The message to go to once it is there. */
  goTo: string
  /** Conversations that were just thrown away, and can be brought back. */
  discarded: readonly Conversation[]
  /** What the person thinks of answers of the open conversation. */
  opinions: Readonly<Record<string, 1 | -1>>
}

export interface ShelfPorts extends TalkPorts {
  /** What a page without a server that keeps anything kept of its talk. */
  tree: Tree
  /** Shows in the address which conversation is open. */
  address(id: string, how: 'push' | 'replace'): void
}

/** All conversations, and the one that is open. */
export class Shelf extends Listeners<ShelfState> {
  readonly #ports: ShelfPorts
  readonly #tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('dotline')

  constructor(ports: ShelfPorts) {
    super({
      keeps: 'unknown',
      conversations: [],
      next: null,
      archived: false,
      folders: [],
      models: [],
      current: '',
      temporary: false,
      talk: new Talk(ports, ports.tree),
      opened: 0,
      opening: false,
      failure: null,
      goTo: '',
      discarded: [],
      opinions: {},
    })
    this.#ports = ports
    if (this.#tabs) this.#tabs.onmessage = ({ data }: MessageEvent<unknown>) => void this.#elsewhere(String(data))
  }

  #note(fields: Partial<ShelfState>): void {
    this.set({ ...this.state, ...fields })
  }

  /** Finds out whether conversations are kept, and opens the one that the address names. */
  async start(id: string, message = ''): Promise<void> {
    try {
      const { state, keeps } = await askHealth()
      if (state === 'offline') throw new AnswerFailed('offline')
      if (!keeps) return this.#note({ keeps: 'no' })
      await this.refresh()
      void this.#readModels()
      if (this.state.keeps !== 'yes') return
      if (id) await this.open(id, message, 'replace')
      else if (Object.keys(this.state.talk.state.tree.messages).length === 0) this.fresh({ how: 'replace' })
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Reads the list again from its top, without letting go of what stands further down. */
  async refresh(): Promise<void> {
    const { archived } = this.state
    try {
      const [page, folders] = await Promise.all([
        ask<ConversationPage>('GET', `/api/conversations?limit=100&archived=${archived}`),
        ask<{ data: Folder[] }>('GET', '/api/conversations/folders'),
      ])
      const known = new Set(page.data.map(({ id }) => id))
      const oldest = page.data.at(-1)?.updated ?? 0
      const below = this.state.conversations.filter((one) => !known.has(one.id) && !one.pinned && one.updated < oldest)
      const kept = page.next === null ? [] : below
      const next = kept.length > 0 ? this.state.next : page.next
      this.#note({ keeps: 'yes', conversations: [...page.data, ...kept], next, folders: folders.data })
    } catch (error) {
      const kind = error instanceof AnswerFailed ? error.failure.kind : ''
      if (kind === 'gone') this.#note({ keeps: 'no' })
      else if (kind === 'signed-out') this.#note({ keeps: 'signed-out' })
      else throw error
    }
  }

  /** The next page of the list. */
  async more(): Promise<void> {
    const { next, archived } = this.state
    if (next === null) return
    this.#note({ next: null })
    const page = await ask<ConversationPage>(
      'GET',
      `/api/conversations?limit=100&archived=${archived}&after=${encodeURIComponent(next)}`,
    ).catch(() => ({ data: [], next }))
    const known = new Set(this.state.conversations.map(({ id }) => id))
    const added = page.data.filter(({ id }) => !known.has(id))
    this.#note({ conversations: [...this.state.conversations, ...added], next: page.next })
  }

  async showArchived(archived: boolean): Promise<void> {
    this.#note({ archived, conversations: [], next: null })
    await this.refresh().catch((error: unknown) => this.#failed(error))
  }

  /** Opens a conversation, at a message of it where one is named. */
  async open(id: string, message = '', how: 'push' | 'replace' = 'push'): Promise<void> {
    if (id === this.state.current && message !== '') {
      this.state.talk.show(message)
      this.#note({ goTo: message })
      return
    }
    this.#ports.address(id, how)
    this.#note({ current: id, opening: true, failure: null })
    try {
      const tree = await this.#read(id)
      if (this.state.current !== id) return
      const talk = this.#talk(id, tree, true)
      if (message && tree.messages[message]) talk.show(message)
      this.#show(talk, { current: id, goTo: message })
      void this.#readOpinions(id)
    } catch (error) {
      if (this.state.current === id) this.#failed(error)
    }
  }

  /** A conversation that is not there until something is said in it. */
  fresh({ temporary = false, folder = null as string | null, how = 'push' as 'push' | 'replace' } = {}): void {
    if (this.state.keeps !== 'yes') return this.state.talk.clear()
    this.#ports.address('', how)
    const talk = temporary ? new Talk(this.#ports) : this.#talk(newId('conv_'), emptyTree, false, folder)
    this.#show(talk, { current: '', temporary })
  }

  #show(talk: Talk, fields: Partial<ShelfState>): void {
    this.state.talk.leave()
    const { opened } = this.state
    this.#note({
      temporary: false,
      goTo: '',
      failure: null,
      opening: false,
      opinions: {},
      ...fields,
      talk,
      opened: opened + 1,
    })
  }

  #talk(id: string, tree: Tree, created: boolean, folder: string | null = null): Talk {
    const keeper = keeperOf(id, { created, begun: (begun) => this.#begun(begun) })
    const titled = (title: string) => this.#replace(id, { title })
    return new Talk({ ...this.#ports, titled, folder }, tree, keeper)
  }

  async #read(id: string): Promise<Tree> {
    const path = `/api/conversations/${encodeURIComponent(id)}`
    const messages: KeptMessage[] = []
    const { leaf } = await ask<Conversation>('GET', path)
    let next: string | null = null
    do {
      const after: string = next === null ? '' : `?after=${encodeURIComponent(next)}`
      const page: { data: KeptMessage[]; next: string | null } = await ask('GET', `${path}/messages${after}`)
      messages.push(...page.data)
      next = page.next
    } while (next !== null)
    return treeOf(messages, leaf)
  }

  #begun({ conversation }: AnswerBegun): void {
    const { id } = conversation
    if (this.state.talk.keeper?.id === id && this.state.current !== id) {
      this.#ports.address(id, 'replace')
      this.#note({ current: id })
    }
    this.#place(conversation)
    this.#tabs?.postMessage(id)
  }

  /** Puts a conversation where it stands in the list. */
  #place(one: Conversation): void {
    const others = this.state.conversations.filter(({ id }) => id !== one.id)
    if (one.archived !== this.state.archived) return this.#note({ conversations: others })
    const before = others.filter(
      (each) => Number(each.pinned) > Number(one.pinned) || (each.pinned === one.pinned && each.updated > one.updated),
    )
    const kept = new Set(before)
    this.#note({ conversations: [...before, one, ...others.filter((each) => !kept.has(each))] })
  }

  #replace(id: string, fields: Partial<Conversation>): void {
    const conversations = this.state.conversations.map((one) => (one.id === id ? { ...one, ...fields } : one))
    this.#note({ conversations })
    this.#tabs?.postMessage(id)
  }

  async change(id: string, change: ConversationChange): Promise<void> {
    try {
      const changed = await ask<Conversation>('PATCH', `/api/conversations/${id}`, change)
      this.#place(changed)
      this.#tabs?.postMessage(id)
    } catch (error) {
      this.#failed(error)
    }
  }

  async changeMany(ids: readonly string[], change: ManyChanges['change']): Promise<void> {
    try {
      for (let at = 0; at < ids.length; at += 1000)
        await say('POST', '/api/conversations/changes', { ids: ids.slice(at, at + 1000), change })
      if (change.discarded === undefined && change.archived === undefined) await this.refresh()
      else await this.#without(ids, change)
      this.#tabs?.postMessage('')
    } catch (error) {
      this.#failed(error)
    }
  }

  async #without(ids: readonly string[], { discarded }: ManyChanges['change']): Promise<void> {
    const gone = new Set(ids)
    const taken = this.state.conversations.filter(({ id }) => gone.has(id))
    this.#note({
      conversations: this.state.conversations.filter(({ id }) => !gone.has(id)),
      ...(discarded === true && { discarded: taken }),
    })
    if (gone.has(this.state.current) && discarded === true) this.fresh()
    await this.refresh()
  }

  /** Throws conversations away; for a while they can be brought back. */
  discard(ids: readonly string[]): Promise<void> {
    return this.changeMany(ids, { discarded: true })
  }

  async bringBack(): Promise<void> {
    const { discarded } = this.state
    this.forget()
    await this.changeMany(
      discarded.map(({ id }) => id),
      { discarded: false },
    )
  }

  /** The time to bring something back is over, or nobody wants to. */
  forget(): void {
    this.#note({ discarded: [] })
  }

  async folder(name: string): Promise<Folder | null> {
    try {
      const made = await ask<Folder>('POST', '/api/conversations/folders', { name })
      await this.refresh()
      return made
    } catch (error) {
      this.#failed(error)
      return null
    }
  }

  async changeFolder(id: string, change: { name?: string; settings?: Record<string, unknown> } | null): Promise<void> {
    try {
      const path = `/api/conversations/folders/${id}`
      await (change === null ? say('DELETE', path) : say('PATCH', path, change))
      await this.refresh()
    } catch (error) {
      this.#failed(error)
    }
  }

  /** What another tab, or another device, may have changed. */
  async lookAgain(): Promise<void> {
    if (this.state.keeps !== 'yes') return
    const { current } = this.state
    const before = this.state.conversations.find(({ id }) => id === current)?.updated
    await this.refresh().catch(() => undefined)
    const after = this.state.conversations.find(({ id }) => id === current)?.updated
    if (current && after !== before) await this.#reopen(current)
  }

  async #elsewhere(id: string): Promise<void> {
    await this.refresh().catch(() => undefined)
    if (id !== '' && id === this.state.current) await this.#reopen(id)
  }

  /** Takes over what was said in the open conversation elsewhere, unless something is being written here. */
  async #reopen(id: string): Promise<void> {
    const { talk } = this.state
    if (talk.state.writing) return
    const tree = await this.#read(id).catch(() => null)
    if (tree === null || this.state.talk !== talk || talk.state.writing) return
    const writes = Object.values(tree.messages).some(({ state }) => state === 'writing')
    if (writes) this.#note({ talk: this.#talk(id, tree, true) })
    else talk.put(tree)
  }

  async #readOpinions(id: string): Promise<void> {
    const found = await ask<FeedbackList>('GET', `/api/conversations/${id}/feedback`).catch(() => ({ data: [] }))
    if (this.state.current !== id) return
    this.#note({ opinions: Object.fromEntries(found.data.map(({ message, rating }) => [message, rating])) })
  }

  /** Says, or with null takes back, what the person thinks of an answer. */
  async judge(message: string, rating: 1 | -1 | null, reasons: string[] = [], comment = ''): Promise<void> {
    const { current } = this.state
    const { [message]: _, ...others } = this.state.opinions
    this.#note({ opinions: rating === null ? others : { ...others, [message]: rating } })
    const path = `/api/conversations/${current}/messages/${message}/feedback`
    try {
      await (rating === null ? say('DELETE', path) : say('PUT', path, { rating, reasons, comment }))
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Keeps the person's own better answer as a branch beside the model's, which counts as disliked. */
  async better(message: string, text: string): Promise<void> {
    const { current } = this.state
    try {
      if (this.state.opinions[message] !== -1) await this.judge(message, -1)
      await say('POST', `/api/conversations/${current}/messages/${message}/better`, { id: newId('msg_'), text })
      await this.#reopen(current)
      this.#tabs?.postMessage(current)
    } catch (error) {
      this.#failed(error)
    }
  }

  async #readModels(): Promise<void> {
    const list = await ask<{ data: Model[] }>('GET', '/v1/models').catch(() => ({ data: [] }))
    const talks = ({ dotline: { capabilities } }: Model) => capabilities.length === 0 || capabilities.includes('chat')
    this.#note({ models: list.data.filter(talks).map(({ id }) => id) })
  }

  failed(error: unknown): void {
    this.#failed(error)
  }

  #failed(error: unknown): void {
    const failure: Failure =
      error instanceof AnswerFailed ? error.failure : { kind: 'unreadable', detail: String(error), requestId: '' }
    this.#note({ failure, opening: false })
  }

  /** The message that was to be gone to is in sight. */
  arrived(): void {
    this.#note({ goTo: '' })
  }

  calm(): void {
    this.#note({ failure: null })
  }
}
