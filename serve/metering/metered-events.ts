import type { EngineEvent } from '#serve/engine'
import { limits } from '#wire/limits'
import type { Account } from './account.ts'
import { Ahead } from './ahead.ts'
import { Count } from './count.ts'

export interface Metered {
  /** Takes the request into the ledger, or refuses it. */
  open(): Promise<Account>
  /** Asks the engine. */
  ask(signal: AbortSignal): AsyncIterable<EngineEvent>
  choices: number
  /** The reader gets pieces as they come; else nothing before the whole. */
  streamed: boolean
  signal: AbortSignal
  /** The reader's connection is gone: what was handed out last did not arrive. */
  gone(): boolean
  /** Sees each event as it comes from the engine. */
  see?(event: EngineEvent): void
}

/**
 * An answer whose tokens are in the ledger before they are delivered. Of a stream, whatever came while the ledger's last
 * word went to the disk goes on together. Before an answer's last event its row is settled, with its cost on the event;
 * one that ends otherwise is settled with what its reader got: of a whole reply that was not sent, nothing.
 */
export async function* meteredEvents(metered: Metered): AsyncGenerator<EngineEvent> {
  const { streamed, choices } = metered
  const account = await metered.open()
  const ending = new AbortController()
  const count = new Count(choices)
  /** What the reader has for certain: it came back for more. */
  let delivered = count.tokens()
  let ahead: Ahead<EngineEvent> | null = null
  let failed = false
  /** Whether the reader has an event and has not come back. */
  let out = false
  try {
    ahead = new Ahead(metered.ask(AbortSignal.any([metered.signal, ending.signal])), streamed ? limits.eventsAhead : 1)
    for (let group = await ahead.take(); group !== null; group = await ahead.take()) {
      await account.opened()
      if (streamed) await note(account, count, group)
      for (const event of group) {
        const last = count.isLast(event)
        count.see(event)
        if (last && event.type === 'end') {
          const cost = await account.settle(count.tokens(), 'finished')
          yield cost === null ? event : { ...event, cost }
          return
        }
        out = true
        yield event
        out = false
        delivered = count.tokens()
      }
    }
  } catch (error) {
    failed = true
    throw error
  } finally {
    const gone = metered.signal.aborted || metered.gone()
    // A reader that is still there and has had enough took the last event too.
    const stayed = out && !gone ? count.tokens() : null
    ending.abort()
    await account.settle(stayed ?? (streamed ? delivered : none), failed ? 'failed' : gone ? 'cancelled' : 'ended')
    await ahead?.close()
  }
}

const none = { input: 0, cached: 0, output: 0 }

/** The ledger hears of tokens before their reader does; the last end has a word of its own. */
async function note(account: Account, count: Count, group: readonly EngineEvent[]): Promise<void> {
  const then = count.after(group)
  if (then !== null) await account.note(then)
}
