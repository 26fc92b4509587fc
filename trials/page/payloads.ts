import { seededRandom } from '#data/shuffle'
import { families } from './hostile.ts'

export type Kind = keyof typeof families

export interface Payload {
  kind: Kind
  text: string
}

/** Characters that turn, hide or part what stands beside them. */
const unseen = ['\u202E', '\u2066', '\u200B', '\u00AD', '\uFEFF', '\u0000', '\u2028', '\u0009', '\u{E0041}']

type Change = (text: string, random: () => number) => string

const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]
const at = (text: string, random: () => number): number => Math.floor(random() * (text.length + 1))

/** How filters have been deceived: other cases, entities, characters nobody sees, cuts, repetitions, surroundings. */
const changes: readonly Change[] = [
  (text, random) => text.replace(/[a-z]/giu, (c) => (random() < 0.5 ? c.toUpperCase() : c.toLowerCase())),
  (text, random) => text.replace(/[<>"'=():/]/gu, (c) => (random() < 0.3 ? `&#${c.codePointAt(0)};` : c)),
  (text, random) => text.replace(/[<>"'=():/]/gu, (c) => (random() < 0.3 ? `&#x${c.codePointAt(0)?.toString(16)}` : c)),
  (text, random) => {
    const place = at(text, random)
    return text.slice(0, place) + pick(unseen, random) + text.slice(place)
  },
  (text, random) => text.slice(0, at(text, random)) + text,
  (text, random) => text + text.slice(at(text, random)),
  (text) => `- ${text.replaceAll('\n', '\n  ')}\n\n  > ${text.split('\n')[0]}`,
  (text) => `| a |\n| --- |\n| ${text.replaceAll('\n', ' ').replaceAll('|', '\\|')} |`,
  (text) => `# ${text.split('\n')[0]}\n\n**${text}**\n\n~~${text}~~`,
  (text) => `[${text.replaceAll('\n', ' ')}](https://example.com/ "${text.replaceAll('\n', ' ')}")`,
  (text) => `word[^1]\n\n[^1]: ${text.replaceAll('\n', '\n    ')}`,
  (text) => `\`\`\`${text.split('\n')[0].replaceAll('`', '')}\n${text}\n\`\`\``,
  (text) => `$\\text{${text.replaceAll('$', '')}}$ and \\(${text}\\)`,
  (text) =>
    `\`\`\`mermaid\ngraph TD; A["${text.replaceAll('\n', ' ')}"]-->B; click A "${text.replaceAll('\n', ' ')}"\n\`\`\``,
]

/** So many hostile texts: each class in turn, as it was collected first and then changed by one to three of the ways above. */
export function payloads(count: number, seed: number): Payload[] {
  const random = seededRandom(seed)
  const kinds = Object.keys(families) as Kind[]
  return Array.from({ length: count }, (_, index): Payload => {
    const kind = kinds[index % kinds.length]
    const round = Math.floor(index / kinds.length)
    const collected = families[kind]
    if (round < collected.length) return { kind, text: collected[round] }
    let text = pick(collected, random)
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--) text = pick(changes, random)(text, random)
    return { kind, text: text.slice(0, 8000) }
  })
}
