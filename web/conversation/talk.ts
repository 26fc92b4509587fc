import type { Sampling } from '../settings/sampling.ts'
import type { Answer } from '../stream/answer.ts'
import { Listeners } from './listeners.ts'
import { questionFor } from './question.ts'
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
}

export interface TalkState {
  tree: Tree
  /** The message that is being written, or an empty string. */
  writing: string
  /** The conversation that "new chat" put aside and that can still be brought back. */
  aside: Tree | null
}

/** One conversation: sends, stops, branches. Knows nothing of the page that shows it. */
export class Talk extends Listeners<TalkState> {
  readonly #ports: TalkPorts
  #abort = new AbortController()

  constructor(ports: TalkPorts, tree: Tree = emptyTree) {
    super({ tree, writing: '', aside: null })
    this.#ports = ports
  }

  /** Sends what the person wrote, below the last message shown. Does nothing while an answer is being written. */
  send(text: string): void {
    if (this.state.writing || !text.trim()) return
    this.#ask(shownPath(this.state.tree).at(-1)?.id ?? root, text)
  }

  /** Sends another wording of a message; the earlier one and all below it stay as a branch. */
  edit(id: string, text: string): void {
    const message = this.state.tree.messages[id]
    if (this.state.writing || !message || !text.trim()) return
    this.#ask(message.parent, text)
  }

  /** Asks for another answer; the earlier one stays as a branch unless it came to nothing. */
  redo(id: string): void {
    const message = this.state.tree.messages[id]
    if (this.state.writing || message?.role !== 'assistant') return
    const tree = message.text ? this.state.tree : removeLeaf(this.state.tree, id)
    void this.#write(tree, message.parent)
  }

  stop(): void {
    this.#abort.abort()
  }

  /** Shows the sibling that stands `by` places after this message. */
  turn(id: string, by: number): void {
    const { tree, writing } = this.state
    const siblings = siblingsOf(tree, tree.messages[id]?.parent ?? '')
    const next = siblings[siblings.indexOf(id) + by]
    if (next && !writing) this.set({ ...this.state, tree: choose(tree, next) })
  }

  /** Starts afresh; the conversation so far can be brought back until something is sent. */
  clear(): void {
    if (Object.keys(this.state.tree.messages).length === 0) return
    this.stop()
    this.set({ tree: emptyTree, writing: '', aside: this.state.tree })
  }

  bringBack(): void {
    if (this.state.aside) this.set({ tree: this.state.aside, writing: '', aside: null })
  }

  #ask(parent: string, text: string): void {
    const tree = add(this.state.tree, parent, 'user', text.trim(), 'done')
    void this.#write(tree, `m${tree.next - 1}`)
  }

  async #write(before: Tree, parent: string): Promise<void> {
    const tree = add(before, parent, 'assistant', '', 'writing')
    const id = `m${tree.next - 1}`
    this.#abort = new AbortController()
    const { signal } = this.#abort
    this.set({ tree, writing: id, aside: null })
    const question = questionFor(pathTo(tree, parent), this.#ports.sampling(), this.#ports.model())
    const writing = new Writing(this.#ports.now)
    const show = () => this.#show(id, writing)
    await writing.run(this.#ports.answer(question, signal), signal, () => this.#ports.soon(show))
    show()
  }

  #show(id: string, writing: Writing): void {
    const place = this.#placeOf(id)
    if (!place || this.state[place]?.messages[id]?.state !== 'writing') return
    const tree = change(this.state[place], id, writing.fields())
    this.set({ ...this.state, [place]: tree, writing: writing.over && place === 'tree' ? '' : this.state.writing })
  }

  /** A message that is being written when "new chat" is pressed ends in the conversation put aside. */
  #placeOf(id: string): 'tree' | 'aside' | null {
    if (this.state.writing === id) return 'tree'
    return this.state.aside?.messages[id] ? 'aside' : null
  }
}
