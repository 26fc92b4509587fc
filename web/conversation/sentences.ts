const sentenceEnd = /[.!?…]["'”’)]*(?=\s)|[。！？]["'”’）]*|\n+/gu

/** The end of the last whole sentence in the text, as an offset; 0 where there is none yet. */
export function lastSentenceEnd(text: string): number {
  let end = 0
  for (const match of text.matchAll(sentenceEnd)) end = match.index + match[0].length
  return end
}

/** Text as it is read aloud: without the marks of Markdown. */
export function aloud(text: string): string {
  return text
    .replace(/^\s*(?:[#>]+|[-*+]|\|[-|:\s]+\|)\s?/gmu, '')
    .replace(/[*`]|__|~~/gu, '')
    .replace(/\|/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
}
