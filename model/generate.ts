/** A single request on a decoder of one's own, as a stream of events. */
import { NotFiniteError } from './decoding/request-error.ts'
import type { DecodeEvent, DecodeRequest, Decoder } from './decoding.ts'

export { NotFiniteError }

/**
 * Decodes one request to its end event. Leaving the loop early cancels it. Other sequences of the same decoder would lose
 * their events: give it a decoder that nobody else steps. Throws NotFiniteError where the model computes no numbers.
 */
export async function* generate(decoder: Decoder, request: DecodeRequest): AsyncGenerator<DecodeEvent, void, void> {
  const sequence = decoder.add(request)
  let ended = false
  try {
    while (!ended) {
      for (const event of await decoder.step()) {
        if (event.sequence !== sequence) continue
        ended ||= event.type === 'end'
        if (event.type === 'end' && event.finishReason === 'failed') throw new NotFiniteError()
        yield event
      }
    }
  } finally {
    if (!ended) {
      decoder.cancel(sequence)
      await decoder.step()
    }
  }
}
