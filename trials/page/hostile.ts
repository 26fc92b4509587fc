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

/** Answers that try to become code, to call out, or to break the page. */
export const hostile: readonly string[] = [
  ...html,
  ...links,
  ...pictures,
  ...formulas,
  ...shapes,
  ...html.map((payload) => `- item\n\n  > ${payload}\n\n| a |\n| --- |\n| ${payload} |`),
  ...links.map((payload) => `# ${payload.split('\n')[0]}\n\n**${payload}**`),
]
