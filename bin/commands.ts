import type { Catalogue } from './catalogue/english.ts'
import type { Command } from './command.ts'

/** The names of the commands, in the order of the overview. */
export type CommandName = keyof Catalogue['help']

/** Commands load when they are called: `--help` and a server's start wait for no other command's imports. */
export const commands: Readonly<Record<CommandName, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  chat: async () => (await import('./commands/chat.ts')).chat,
  generate: async () => (await import('./commands/generate.ts')).generate,
  train: async () => (await import('./commands/train.ts')).train,
  exam: async () => (await import('./commands/exam.ts')).exam,
  model: async () => (await import('./commands/model.ts')).model,
  manifest: async () => (await import('./commands/manifest.ts')).manifest,
  tokenizer: async () => (await import('./commands/tokenizer.ts')).tokenizer,
  config: async () => (await import('./commands/config.ts')).config,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  limit: async () => (await import('./commands/limit.ts')).limit,
  usage: async () => (await import('./commands/usage.ts')).usage,
  audit: async () => (await import('./commands/audit.ts')).audit,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/backup.ts')).restore,
  verify: async () => (await import('./commands/backup.ts')).verify,
  user: async () => (await import('./commands/user.ts')).user,
  key: async () => (await import('./commands/key.ts')).key,
  org: async () => (await import('./commands/org.ts')).org,
}

export const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name)
