import type { TrainingMessage } from '#model/chat'
import type { Expectation } from './judge.ts'

/** What a corpus is made of: a text, a conversation or ranked answers, always with its source and licence. */

/** A message of a conversation; weight 0 leaves an assistant's out of the loss. */
export type ChatMessage = TrainingMessage

/** Answers to one prompt, best first. Two of them are the usual chosen and rejected. */
export interface Preference {
  prompt: ChatMessage[]
  ranked: ChatMessage[][]
  /** How good each answer is, falling or equal: equal ones make no pair. Without grades each is better than the next. */
  grades?: number[]
  /** What any answer to the prompt has to satisfy, where that can be said. */
  rules?: Expectation[]
}

export interface Document {
  text?: string
  messages?: ChatMessage[]
  preference?: Preference
  /** Where it comes from: a repository with its commit, a company's system, a generator with its seed. */
  source: string
  /** SPDX expression, or LicenseRef-… */
  licence: string
  /** Where within the source: a path, or a file and line. */
  origin: string
}

/** A document that cannot be used as it is; names the place and the remedy. */
export class DocumentError extends Error {
  override name = 'DocumentError'
}

/** The text that identifies a document: hashes, duplicates and the split are taken over it. */
export function identityText(document: Document): string {
  if (document.text !== undefined) return document.text
  if (document.messages) return document.messages.map(({ role, content }) => `${role}\n${content}\n`).join('\n')
  if (document.preference) return JSON.stringify(document.preference)
  throw new DocumentError(`${document.origin}: a document needs text, messages or a preference`)
}

/** All (better, worse) pairs of a ranking of this many answers, by their places. */
export function rankedPairs(count: number, grades?: readonly number[]): [better: number, worse: number][] {
  const pairs: [number, number][] = []
  for (let better = 0; better < count; better++)
    for (let worse = better + 1; worse < count; worse++)
      if (!grades || grades[better] > grades[worse]) pairs.push([better, worse])
  return pairs
}

/** All (better, worse) pairs of a preference. */
export function preferencePairs({ ranked, grades }: Preference): { chosen: ChatMessage[]; rejected: ChatMessage[] }[] {
  return rankedPairs(ranked.length, grades).map(([better, worse]) => ({
    chosen: ranked[better],
    rejected: ranked[worse],
  }))
}

/** What decides on which side of a split a document falls: for preferences how the conversation begins, else all of it. */
export function splitText(document: Document): string {
  const { preference } = document
  if (!preference) return identityText(document)
  return preference.prompt.find(({ role }) => role === 'user')?.content ?? JSON.stringify(preference.prompt)
}
