import type { Command } from './command.ts'

export interface Entry {
  summary: string
  /** Commands load when they are called: `--help` and a server's start wait for no other command's imports. */
  load: () => Promise<Command>
}

export const commands: ReadonlyMap<string, Entry> = new Map([
  [
    'serve',
    {
      summary: 'serve a model: the page, and the API that OpenAI clients speak',
      load: async () => (await import('./commands/serve.ts')).serve,
    },
  ],
  ['chat', { summary: 'talk to a model in the terminal', load: async () => (await import('./commands/chat.ts')).chat }],
  [
    'generate',
    {
      summary: 'continue a text, or fill the gap between two',
      load: async () => (await import('./commands/generate.ts')).generate,
    },
  ],
  [
    'train',
    { summary: 'pre-train or fine-tune a model', load: async () => (await import('./commands/train.ts')).train },
  ],
  [
    'manifest',
    {
      summary: 'show what a model learned from, and verify it',
      load: async () => (await import('./commands/manifest.ts')).manifest,
    },
  ],
  [
    'tokenizer',
    {
      summary: 'train a tokenizer, encode, decode',
      load: async () => (await import('./commands/tokenizer.ts')).tokenizer,
    },
  ],
])
