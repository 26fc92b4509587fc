import { sql } from 'kysely'
import type { Ground } from '../ground/operation.ts'
import { gramsOf, normalise, ownerGram } from './grams.ts'

/** Puts a message's words into the index, or what now stands for them. */
export async function indexMessage(
  ground: Ground,
  owner: string,
  seq: number,
  text: string,
  fresh: boolean,
): Promise<void> {
  const grams = [...gramsOf(normalise(text)), ownerGram(owner)]
  if (ground.dialect === 'postgres') {
    await sql`insert into message_grams (seq, grams) values (${seq}, ${grams}::text[])
      on conflict (seq) do update set grams = excluded.grams`.execute(ground.everyone)
    return
  }
  if (!fresh) await sql`delete from message_grams where rowid = ${seq}`.execute(ground.everyone)
  await sql`insert into message_grams (rowid, grams) values (${seq}, ${grams.join(' ')})`.execute(ground.everyone)
}

/** Numbers of messages that hold all the pieces and are the owner's, the newest first. */
export async function findMessages(
  ground: Ground,
  owner: string,
  grams: readonly string[],
  before: number,
  limit: number,
): Promise<number[]> {
  const all = [...grams, ownerGram(owner)]
  const found =
    ground.dialect === 'postgres'
      ? sql<{ seq: number }>`select seq from message_grams where grams @> ${all}::text[] and seq < ${before}
          order by seq desc limit ${limit}`
      : sql<{ seq: number }>`select rowid as seq from message_grams
          where message_grams match ${all.map((each) => `"${each}"`).join(' ')} and rowid < ${before}
          order by rowid desc limit ${limit}`
  return (await found.execute(ground.everyone)).rows.map(({ seq }) => Number(seq))
}
