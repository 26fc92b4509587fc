import { ParseError, render } from 'katex'
import 'katex/dist/katex.min.css'

/** Some thousand elements inside each other overflow the stack of a browser's layout, and the tab is gone. */
const deepest = 250

/**
 * Draws a formula into an element: nodes and CSSOM only, no markup (the page's policy forbids it). `trust` is off: no
 * links, pictures, classes or ids from TeX. Expansions, sizes and depth are bounded. False where it is no TeX, or too deep.
 */
export function draw(tex: string, element: HTMLElement, wide: boolean): boolean {
  const apart = document.createElement('span')
  try {
    render(tex, apart, { displayMode: wide, output: 'htmlAndMathml', strict: 'ignore', maxExpand: 300, maxSize: 20 })
  } catch (error) {
    // KaTeX descends by recursion; what it runs out of stack for is too deep as well.
    if (error instanceof ParseError || error instanceof RangeError) return false
    throw error
  }
  if (isDeeperThan(deepest, apart)) return false
  element.replaceChildren(...apart.childNodes)
  return true
}

function isDeeperThan(limit: number, root: Element): boolean {
  let level = [...root.children]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true
    level = level.flatMap((element) => [...element.children])
  }
  return false
}
