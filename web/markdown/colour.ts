export type Ink = 'plain' | 'word' | 'string' | 'comment' | 'number'

export interface Stroke {
  ink: Ink
  text: string
}

const words = {
  c: 'async await break case catch class const continue default do else enum export extends false final finally fn for from func function go if impl implements import in instanceof interface let match mod mut namespace new nil null override package private protected pub public return self static struct super switch this throw true try type typeof undefined use var void while yield',
  hash: 'and as assert async await break case class continue def del do done elif else end esac except False fi finally for from function global if import in is lambda None nonlocal not or pass raise return self then True try while with yield local export echo',
  sql: 'select from where and or not insert into values update set delete create table index view join left right inner outer on group by order having limit as distinct null is in like between union all primary key case when then else end',
} as const

type Family = keyof typeof words

const families: Record<string, Family> = { sql: 'sql' }
for (const name of 'js javascript jsx ts typescript tsx java c cpp c++ cs csharp go rust rs swift kotlin php scala dart'.split(
  ' ',
))
  families[name] = 'c'
for (const name of 'py python sh bash shell zsh rb ruby yaml yml toml r perl make dockerfile'.split(' '))
  families[name] = 'hash'
families.json = 'c'

const comments: Record<Family, string> = {
  c: '//[^\\n]*|/\\*[^*]*(?:\\*(?!/)[^*]*)*(?:\\*/)?',
  hash: '#[^\\n]*',
  sql: '--[^\\n]*',
}
const strings = '"(?:[^"\\\\\\n]|\\\\.)*"?|\'(?:[^\'\\\\\\n]|\\\\.)*\'?|`(?:[^`\\\\]|\\\\.)*`?'

/** Divides code into strokes of ink. Knows no language, only four families of words, strings, comments and numbers. */
export function colour(code: string, language: string): Stroke[] {
  const family = families[language.toLowerCase()]
  if (!family) return [{ ink: 'plain', text: code }]
  const known = new Set(words[family].split(' '))
  const pattern = new RegExp(`(${comments[family]})|(${strings})|(\\b\\d[\\w.]*)|([A-Za-z_$][\\w$]*)`, 'gu')
  const strokes: Stroke[] = []
  let end = 0
  for (const match of code.matchAll(pattern)) {
    const [text, comment, string, number] = match
    const ink = inkOf(text, comment, string, number, known, family)
    if (ink === 'plain') continue
    if (match.index > end) strokes.push({ ink: 'plain', text: code.slice(end, match.index) })
    strokes.push({ ink, text })
    end = match.index + text.length
  }
  if (end < code.length) strokes.push({ ink: 'plain', text: code.slice(end) })
  return strokes
}

function inkOf(
  text: string,
  comment: string | undefined,
  string: string | undefined,
  number: string | undefined,
  known: Set<string>,
  family: Family,
): Ink {
  if (comment) return 'comment'
  if (string) return 'string'
  if (number) return 'number'
  return known.has(family === 'sql' ? text.toLowerCase() : text) ? 'word' : 'plain'
}
