import type { Locator } from 'playwright-core'

/** The only elements that an answer may become. */
const allowed = new Set(
  'DIV P SPAN STRONG EM DEL CODE PRE FIGURE FIGCAPTION BUTTON A BDI UL OL LI INPUT TABLE THEAD TBODY TR TH TD H3 H4 H5 H6 HR BR BLOCKQUOTE SUP SECTION'.split(
    ' ',
  ),
)
/** What KaTeX draws: MathML for those who listen, spans and lines for those who look. */
const allowedInFormula = /^(?:SPAN|CODE|math|semantics|annotation|m[a-z]+|svg|path|line|g)$/u
const schemes = /^(?:https?:|mailto:|#)/u

/** What stands in the answers within `place` and should not: elements, attributes that act or fetch, addresses, unnamed hosts. */
export async function strange(place: Locator): Promise<string[]> {
  const found = await place.evaluate((root) => {
    const all = [...root.querySelectorAll('.prose, .prose *')]
    const inFormula = (element: Element) => element.closest('.formula') !== null
    return {
      plain: all.filter((element) => !inFormula(element)).map((element) => element.tagName),
      drawn: all.filter(inFormula).map((element) => element.tagName),
      acting: all.flatMap((element) =>
        element
          .getAttributeNames()
          .filter((name) => /^on|^src|^style$|^srcdoc$|^ping$|^formaction$|href$/u.test(name))
          .filter((name) => !(name === 'href' && element.tagName === 'A' && !inFormula(element)))
          // KaTeX sets places by script, which the page's policy allows and which fetch nothing.
          .filter(
            (name) => !(name === 'style' && inFormula(element) && !/url/iu.test(element.getAttribute(name) ?? '')),
          )
          .map((name) => `${element.tagName} ${name}`),
      ),
      links: all.flatMap((element) => {
        const href = element.getAttribute('href')
        if (href === null) return []
        const host = /^https?:/u.test(href) ? new URL(href).host : ''
        const shown = (element.textContent ?? '') + (element.nextElementSibling?.textContent ?? '')
        return [{ href, named: host === '' || shown.toLowerCase().includes(host) }]
      }),
    }
  })
  return [
    ...found.plain.filter((name) => !allowed.has(name)),
    ...found.drawn.filter((name) => !allowedInFormula.test(name)),
    ...found.acting,
    ...found.links.filter(({ href }) => !schemes.test(href)).map(({ href }) => href),
    ...found.links.filter(({ named }) => !named).map(({ href }) => `host not shown: ${href}`),
  ]
}
