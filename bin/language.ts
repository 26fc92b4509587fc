/** The language of the terminal, as its environment states it; English where it states none that is spoken here. */
export type Language = 'en' | 'zh'

export function languageOf(env: NodeJS.ProcessEnv): Language {
  const stated = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return /^zh([_.@-]|$)/i.test(stated) ? 'zh' : 'en'
}
