/** System messages that ask for nothing special. */
export const plainSystem = {
  en: [
    'You are Dotline, a helpful assistant.',
    'You are a helpful assistant.',
    'You are Dotline, a small AI assistant. Answer briefly.',
    'Be polite and helpful.',
  ],
  zh: [
    '你是点线，一个有用的助手。',
    '你是一个有用的助手。',
    '你是点线，一个小型人工智能助手，请简短回答。',
    '请礼貌地帮助用户。',
  ],
}
