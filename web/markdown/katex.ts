import { ParseError, render } from 'katex'
import 'katex/dist/katex.min.css'

/**
 * Draws a formula into an element: nodes and CSSOM only, no markup (the page's policy forbids it). `trust` is off: no
 * links, pictures, classes or ids from TeX. Expansions and sizes are bounded. False where it is no TeX.
 */
export function draw(tex: string, element: HTMLElement, wide: boolean): boolean {
  try {
    render(tex, element, { displayMode: wide, output: 'htmlAndMathml', strict: 'ignore', maxExpand: 300, maxSize: 20 })
    return true
  } catch (error) {
    if (error instanceof ParseError) return false
    throw error
  }
}
