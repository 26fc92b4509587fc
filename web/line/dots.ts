import { type Message, siblingsOf, type Tree } from '../conversation/tree.ts'

/** What the line of dots shows of one message. */
export interface Dot {
  message: Message
  version: number
  versions: number
}

/** One dot for each message shown, with its place among its siblings. */
export function dotsOf(tree: Tree, path: Message[]): Dot[] {
  return path.map((message) => {
    const siblings = siblingsOf(tree, message.parent)
    return { message, version: siblings.indexOf(message.id) + 1, versions: siblings.length }
  })
}
