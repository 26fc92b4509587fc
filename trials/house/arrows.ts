/** The rooms, and the doors of other rooms that each may use: all of a room's, or those that are named. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  tensor: [],
  model: ['tensor'],
  data: ['model/tokenizer', 'model/tokenizer-training', 'model/chat'],
  train: ['model', 'data', 'tensor', 'guard'],
  exam: ['model', 'wire'],
  wire: [],
  guard: [],
  store: [],
  apps: ['wire', 'guard'],
  serve: ['model', 'store', 'guard', 'wire', 'apps'],
  web: ['wire'],
  bin: ['tensor', 'model', 'data', 'train', 'exam', 'wire', 'guard', 'store', 'apps', 'serve', 'web'],
  trials: ['tensor', 'model', 'data', 'train', 'exam', 'wire', 'guard', 'store', 'apps', 'serve', 'web', 'bin'],
}

/** Whether a file of room `from` may use the door `#room/door`; its own room's doors are always open. */
export function mayUse(from: string, room: string, door: string): boolean {
  if (from === room) return true
  return arrows[from]?.some((open) => open === room || open === `${room}/${door}`) ?? false
}
