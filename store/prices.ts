import { absent, invalid } from './errors.ts'
import { compiled } from './ground/compiled.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { whole } from './ground/values.ts'
import { costOf } from './money/price.ts'

export { costOf }

export interface Price {
  /** A model's name, or `*` for all that have no price of their own; `offered(name)` where neither stands. */
  model: string
  /** From when it holds. */
  since: number
  /** Three letters. */
  currency: string
  /** Per million tokens, in billionths of the currency. */
  input: number
  cached: number
  output: number
}

const shown = ['model', 'since', 'currency', 'input', 'cached', 'output'] as const

export const prices = {
  /** From `since` on; requests that came before keep the price they had. */
  set: write(async (ground, organisation: string, price: Price): Promise<void> => {
    const { model, since, currency, ...rates } = price
    for (const [name, rate] of Object.entries(rates)) whole(name, rate)
    if (!/^[A-Z]{3}$/.test(currency))
      throw invalid('currency', `is ${JSON.stringify(currency)}`, 'three capital letters.')
    await ground.db
      .insertInto('prices')
      .values({ organisation, model, since: whole('since', since), currency, ...rates })
      .onConflict((one) => one.columns(['organisation', 'model', 'since']).doUpdateSet({ currency, ...rates }))
      .execute()
  }),

  list: read(
    async (ground, organisation: string): Promise<Price[]> =>
      ground.db
        .selectFrom('prices')
        .select(shown)
        .where('organisation', '=', organisation)
        .orderBy('model')
        .orderBy('since')
        .execute(),
  ),

  remove: write(async (ground, organisation: string, model: string, since: number): Promise<void> => {
    const gone = await ground.db
      .deleteFrom('prices')
      .where('organisation', '=', organisation)
      .where('model', '=', model)
      .where('since', '=', since)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('price', `${model} since ${since}`)
  }),
}

/** The name under which stands what the installation asks for a model where the organisation set no price: no model has it. */
export const offered = (model: string): string => `~${model}`

const held = compiled(
  (db, { organisation, model, offer, at }: { organisation: string; model: string; offer: string; at: number }) =>
    db
      .selectFrom('prices')
      .select(shown)
      .where('organisation', '=', organisation)
      .where('model', 'in', [model, '*', offer])
      .where('since', '<=', at)
      .orderBy('since', 'desc'),
)

/** What a model's tokens cost at a time; null where nobody set a price. */
export async function priceAt(ground: Ground, organisation: string, model: string, at: number): Promise<Price | null> {
  return priceAmong(await held(ground, { organisation, model, offer: offered(model), at }), model)
}

/** Of prices that hold, the newest first, the one for a model. */
export function priceAmong<P extends Pick<Price, 'model'>>(held: readonly P[], model: string): P | null {
  const names = [model, '*', offered(model)]
  return names.map((name) => held.find((price) => price.model === name)).find((price) => price !== undefined) ?? null
}
