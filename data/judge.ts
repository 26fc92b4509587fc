/** Marks answers by rules: what an answer must and must not contain, never equality with one reference sentence. */

/** What one answer must satisfy. Text is compared without regard to case and width; Latin words match as whole words. */
export type Expectation =
  | { kind: 'any'; values: string[] }
  | { kind: 'all'; values: string[] }
  | { kind: 'none'; values: string[] }
  /** The values occur one after the other in this order. */
  | { kind: 'order'; values: string[] }
  /** The last number of the answer, in digits or in words, is this one. */
  | { kind: 'number'; value: number }
  /** The answer is this text, character for character; one pair of quotation marks around it is forgiven. */
  | { kind: 'exact'; value: string }
  /** The answer declines. */
  | { kind: 'refuses' }
  /** The answer asks something back. */
  | { kind: 'asks' }
  | { kind: 'language'; value: 'en' | 'zh' }
  /** At most this many characters. */
  | { kind: 'length'; max: number }
  /** At least `min` and at most `max` lines that are not blank. */
  | { kind: 'lines'; min: number; max: number }
  /** The answer is one JSON object with exactly these fields. */
  | { kind: 'json'; fields: Record<string, string | number> }

/** An expectation of the answer that stands at index `turn` of the messages. */
export type Check = Expectation & { turn: number }

export interface Verdict {
  right: boolean
  reason: string
}

const refusals = [
  /\b(can ?not|can['’]?t|won['’]?t|will not|unable to|not able to|must not|do not have|don['’]t have|not allowed)\b/i,
  /不能|无法|没法|没办法|做不到|不会帮|不可以|没有办法|办不到|不便|拒绝/,
]

const cjk = /\p{Script=Han}/u

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/’/g, "'")
}

/** Index of the first mention of a value from a place on, or -1; a Latin word counts only as a whole word. */
function mention(answer: string, value: string, from = 0): number {
  const wanted = plain(value)
  const left = /^[a-z0-9]/.test(wanted) ? '(?<![a-z0-9])' : ''
  const right = /[a-z0-9]$/.test(wanted) ? '(?![a-z0-9])' : ''
  const pattern = new RegExp(left + wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') + right, 'g')
  pattern.lastIndex = from
  return pattern.exec(plain(answer))?.index ?? -1
}

const units =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
const small = new Map(units.split(' ').map((word, value) => [word, value]))
const tens = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, i) => [word, 20 + 10 * i]),
)
const chineseDigits = '零一二三四五六七八九'

function lastEnglishNumber(answer: string): number | null {
  const words = answer.toLowerCase().match(/[a-z]+/g) ?? []
  let last: number | null = null
  words.forEach((word, i) => {
    const before = tens.get(words[i - 1])
    const unit = small.get(word)
    if (unit !== undefined) last = before !== undefined && unit > 0 && unit < 10 ? before + unit : unit
    else if (tens.has(word)) last = tens.get(word) ?? null
    else if (word === 'hundred') last = (last ?? 1) * 100
  })
  return last
}

function lastChineseNumber(answer: string): number | null {
  const last = answer
    .replace(/两/g, '二')
    .match(/[零一二三四五六七八九十百]+/g)
    ?.at(-1)
  if (!last) return null
  const [, hundreds, ten, unit] =
    /^(?:([一二三四五六七八九]?)百零?)?(?:([一二三四五六七八九]?)十)?([零一二三四五六七八九])?$/.exec(last) ?? []
  const digit = (text: string | undefined, missing: number) =>
    text === undefined ? 0 : text === '' ? missing : chineseDigits.indexOf(text)
  return digit(hundreds, 1) * 100 + digit(ten, 1) * 10 + digit(unit, 0)
}

/** The last number that an answer names, in digits if it has any, else in English or Chinese words. */
export function lastNumber(answer: string): number | null {
  const digits = answer
    .normalize('NFKC')
    .replace(/(?<=\d),(?=\d{3}\b)/g, '')
    .match(/(?<![\d.])-?\d+(?:\.\d+)?/g)
  if (digits) return Number(digits.at(-1))
  return lastEnglishNumber(answer) ?? lastChineseNumber(answer)
}

function unquoted(text: string): string {
  return /^(["'“‘「『`])([\s\S]*)(["'”’」』`])$/.exec(text.trim())?.[2] ?? text.trim()
}

function sameFields(answer: string, fields: Record<string, string | number>): boolean {
  try {
    const value: unknown = JSON.parse(answer.trim())
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const entries = Object.entries(value)
    return entries.length === Object.keys(fields).length && entries.every(([key, one]) => fields[key] === one)
  } catch {
    return false
  }
}

function inOrder(answer: string, values: string[]): boolean {
  let from = 0
  for (const value of values) {
    const place = mention(answer, value, from)
    if (place < 0) return false
    from = place + plain(value).length
  }
  return true
}

function holds(check: Expectation, answer: string): boolean {
  switch (check.kind) {
    case 'any':
      return check.values.some((value) => mention(answer, value) >= 0)
    case 'all':
      return check.values.every((value) => mention(answer, value) >= 0)
    case 'none':
      return check.values.every((value) => mention(answer, value) < 0)
    case 'order':
      return inOrder(answer, check.values)
    case 'number':
      return lastNumber(answer) === check.value
    case 'exact':
      return answer.trim() === check.value.trim() || unquoted(answer) === check.value.trim()
    case 'refuses':
      return refusals.some((pattern) => pattern.test(answer))
    case 'asks':
      return /[?？]/.test(answer)
    case 'language':
      return check.value === 'en' ? !cjk.test(answer) : cjk.test(answer) || !/\p{L}/u.test(answer)
    case 'length':
      return [...answer.trim()].length <= check.max
    case 'lines': {
      const lines = answer.split('\n').filter((line) => line.trim() !== '').length
      return lines >= check.min && lines <= check.max
    }
    case 'json':
      return sameFields(answer, check.fields)
  }
}

function demand(check: Expectation): string {
  switch (check.kind) {
    case 'any':
      return `contain one of ${JSON.stringify(check.values)}`
    case 'all':
      return `contain all of ${JSON.stringify(check.values)}`
    case 'none':
      return `contain none of ${JSON.stringify(check.values)}`
    case 'order':
      return `name ${JSON.stringify(check.values)} in this order`
    case 'number':
      return `end on the number ${check.value}`
    case 'exact':
      return `be exactly ${JSON.stringify(check.value)}`
    case 'refuses':
      return 'decline'
    case 'asks':
      return 'ask something back'
    case 'language':
      return check.value === 'en' ? 'be in English' : 'be in Chinese'
    case 'length':
      return `have at most ${check.max} characters`
    case 'lines':
      return `have ${check.min} to ${check.max} lines`
    case 'json':
      return `be the JSON object ${JSON.stringify(check.fields)}`
  }
}

/** Marks one answer by one rule; an empty answer is never right. */
export function judge(check: Expectation, answer: string): Verdict {
  if (answer.trim() === '') return { right: false, reason: 'The answer is empty.' }
  const right = holds(check, answer)
  return { right, reason: `The answer ${right ? 'does' : 'should'} ${demand(check)}.` }
}
