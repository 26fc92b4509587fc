import { newId } from '../kept/call.ts'
import type { Keeper } from '../kept/keeper.ts'
import type { Sampling } from '../settings/sampling.ts'
import type { Answer } from '../stream/answer.ts'
import type { Chunk } from '../stream/chunk.ts'
import { Listeners } from './listeners.ts'
import { askedOf, questionFor } from './question.ts'
import { add, change, choose, emptyTree, pathTo, removeLeaf, root, shownPath, siblingsOf, type Tree } from './tree.ts'
import { Writing } from './writing.ts'

/** What the conversation needs from the world around it. */
export interface TalkPorts {
  answer: Answer
  /** Milliseconds from any fixed start. */
  now(): number
  /** Calls back once, soon: pieces of an answer that arrive in between are shown together. */
  soon(callback: () => void): void
  sampling(): Sampling
  model(): string
  language?(): 'en' | 'zh'
  /** The folder of a conversation that is new. */
  folder?: string | null
  /** Called with the title that the model gave. */
  titled?(title: string): void
}

export interface TalkState {
  tree: Tree
  /** The message that is being written, or an empty string. */
  writing: string
  /** What is to be sent next, once the answer is written. */
  queue: readonly string[]
  /** The conversation that "new chat" put aside and that can still be brought back. */
  aside: Tree | null
}

/** How long an answer that was told to stop may take to say so. */
const stopMs = 1500

/** One conversation: sends, stops, branches. Knows nothing of the page that shows it. */
export class Talk extends Listeners<TalkState> {
  /** Where it is kept; null: nowhere but here. */
  readonly keeper: Keeper | null
  readonly #ports: TalkPorts
  #abort = new AbortController()
  /** Questions that the server has not taken yet. */
  readonly #unsent = new Set<string>()
  #steering = false

  constructor(ports: TalkPorts, tree: Tree = emptyTree, keeper: Keeper | null = null) {
    super({ tree, writing: '', queue: [], aside: null })
    this.#ports = ports
    this.keeper = keeper
    const open = Object.values(tree.messages).find((message) => message.state === 'writing')
    if (keeper && open) this.#attach(open.id)
  }

  /** Sends what the person wrote, below the last message shown. While an answer is being written, it waits its turn. */
  send(text: string): void {
    if (!text.trim()) return
    if (this.state.writing) this.set({ ...this.state, queue: [...this.state.queue, text] })
    else this.#ask(shownPath(this.state.tree).at(-1)?.id ?? root, text)
  }

  /** Sends now: what is being written ends where it is. */
  steer(text: string): void {
    if (!this.state.writing) return this.send(text)
    this.set({ ...this.state, queue: [text, ...this.state.queue] })
    this.#steering = true
    this.stop()
  }

  /** Takes what waits out of the queue. */
  unqueue(at: number): void {
    this.set({ ...this.state, queue: this.state.queue.filter((_, index) => index !== at) })
  }

  /** Sends another wording of a message; the earlier one and all below it stay as a branch. */
  edit(id: string, text: string): void {
    const message = this.state.tree.messages[id]
    if (this.state.writing || !message || !text.trim()) return
    this.#ask(message.parent, text)
  }

  /** Asks for another answer; the earlier one stays as a branch unless it came to nothing. */
  redo(id: string, model = ''): void {
    const message = this.state.tree.messages[id]
    if (this.state.writing || message?.role !== 'assistant') return
    const tree = message.text ? this.state.tree : removeLeaf(this.state.tree, id)
    this.#write(tree, message.parent, model)
  }

  /** Lets an answer that broke off go on at its end. */
  goOn(id: string): void {
    const message = this.state.tree.messages[id]
    const { keeper } = this
    if (this.state.writing || message?.role !== 'assistant' || !keeper) return
    this.#begin(change(this.state.tree, id, { state: 'writing', failure: null }), id)
    const asked = {
      ...this.#asked(message.details?.model ?? ''),
      parent: null,
      answer: { id },
      continues: true,
    }
    void this.#run(id, keeper.begin(asked, this.#abort.signal), message.text)
  }

  stop(): void {
    const { writing } = this.state
    if (!writing) return
    if (!this.keeper) return this.#abort.abort()
    const abort = this.#abort
    this.keeper.stop(writing)
    setTimeout(() => abort.abort(), stopMs)
  }

  /** Stops looking, while the server goes on. */
  leave(): void {
    this.#abort.abort()
  }

  /** Shows the sibling that stands `by` places after this message. */
  turn(id: string, by: number): void {
    const { tree, writing } = this.state
    const siblings = siblingsOf(tree, tree.messages[id]?.parent ?? '')
    const next = siblings[siblings.indexOf(id) + by]
    if (next && !writing) this.show(next)
  }

  /** Shows the branch that a message is in. */
  show(id: string): void {
    let { tree } = this.state
    for (const message of pathTo(tree, id)) tree = choose(tree, message.id)
    this.set({ ...this.state, tree })
    this.keeper?.show(id)
  }

  /** Puts a message there that the server has made, and shows it. */
  put(tree: Tree): void {
    this.set({ ...this.state, tree })
  }

  /** Starts afresh; the conversation so far can be brought back until something is sent. */
  clear(): void {
    if (Object.keys(this.state.tree.messages).length === 0) return
    this.stop()
    this.set({ tree: emptyTree, writing: '', queue: [], aside: this.state.tree })
  }

  bringBack(): void {
    if (this.state.aside) this.set({ tree: this.state.aside, writing: '', queue: [], aside: null })
  }

  #newId(tree: Tree): string {
    return this.keeper ? newId('msg_') : `m${tree.next}`
  }

  #ask(parent: string, text: string): void {
    const id = this.#newId(this.state.tree)
    const tree = add(this.state.tree, parent, 'user', text.trim(), 'done', id)
    if (this.keeper) this.#unsent.add(id)
    this.#write(tree, id)
  }

  #write(before: Tree, parent: string, model = ''): void {
    const id = this.#newId(before)
    const tree = add(before, parent, 'assistant', '', 'writing', id)
    this.#begin(tree, id)
    const { signal } = this.#abort
    void this.#run(id, this.#chunks(tree, parent, id, model, signal))
  }

  #begin(tree: Tree, id: string): void {
    this.#abort = new AbortController()
    this.set({ ...this.state, tree, writing: id, aside: null })
  }

  #asked(model: string) {
    const language = this.#ports.language?.() ?? 'en'
    return askedOf(this.#ports.sampling(), model || this.#ports.model(), language)
  }

  #chunks(tree: Tree, parent: string, id: string, model: string, signal: AbortSignal): AsyncIterable<Chunk> {
    const { keeper } = this
    const wanted = model || this.#ports.model()
    if (!keeper) return this.#ports.answer(questionFor(pathTo(tree, parent), this.#ports.sampling(), wanted), signal)
    const above = tree.messages[parent]
    const unsent = this.#unsent.has(parent)
    const below = unsent ? above.parent : parent
    const asked = {
      ...this.#asked(model),
      parent: below === root ? null : below,
      ...(unsent && { question: { id: parent, text: above.text } }),
      answer: { id },
      create: { folder: this.#ports.folder },
    }
    return this.#noted(keeper.begin(asked, signal), parent)
  }

  async *#noted(chunks: AsyncIterable<Chunk>, question: string): AsyncGenerator<Chunk> {
    for await (const chunk of chunks) {
      if (chunk.begun) this.#unsent.delete(question)
      yield chunk
    }
  }

  #attach(id: string): void {
    const { keeper } = this
    if (!keeper) return
    this.#begin(this.state.tree, id)
    void this.#run(id, keeper.attach(id, this.#abort.signal), this.state.tree.messages[id].text)
  }

  async #run(id: string, chunks: AsyncIterable<Chunk>, before = ''): Promise<void> {
    const writing = new Writing(this.#ports.now, before)
    const show = () => this.#show(id, writing)
    const told = this.#titles(chunks)
    await writing.run(told, this.#abort.signal, () => (writing.over ? show() : this.#ports.soon(show)))
    show()
  }

  async *#titles(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
    for await (const chunk of chunks) {
      if (chunk.title) this.#ports.titled?.(chunk.title)
      yield chunk
    }
  }

  #show(id: string, writing: Writing): void {
    const place = this.#placeOf(id)
    if (!place || this.state[place]?.messages[id]?.state !== 'writing') return
    const tree = change(this.state[place], id, writing.fields())
    const over = writing.over && place === 'tree'
    this.set({ ...this.state, [place]: tree, writing: over ? '' : this.state.writing })
    if (over) this.#next(id)
  }

  /** Sends what waited, unless the answer before it came to grief. */
  #next(id: string): void {
    const [text, ...queue] = this.state.queue
    const { state } = this.state.tree.messages[id]
    if (text === undefined || (state !== 'done' && !this.#steering)) return
    this.#steering = false
    this.set({ ...this.state, queue })
    this.#ask(shownPath(this.state.tree).at(-1)?.id ?? root, text)
  }

  /** A message that is being written when "new chat" is pressed ends in the conversation put aside. */
  #placeOf(id: string): 'tree' | 'aside' | null {
    if (this.state.writing === id) return 'tree'
    return this.state.aside?.messages[id] ? 'aside' : null
  }
}
