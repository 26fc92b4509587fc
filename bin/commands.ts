import type { Command } from './command.ts'

export interface Entry {
  summary: string
  /** Commands load when they are called: `--help` and a server's start wait for no other command's imports. */
  load: () => Promise<Command>
}

export const commands: ReadonlyMap<string, Entry> = new Map([
  [
    'train',
    { summary: 'pre-train or fine-tune a model', load: async () => (await import('./commands/train.ts')).train },
  ],
])
