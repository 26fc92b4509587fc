/** The look: paper and ink, one vermilion accent, the line of dots. Light or dark as the reader's system is. */

const light = `--paper:#fbfaf7;--raised:#fff;--line:#e4e0d8;--thread:#d5cfc4;--ink:#1d1c1a;--ink-2:#5c5850;--ink-3:#6f6a61;
--accent:#b3401f;--soft:#f6e4dc;--code:#f5f3ee;
--c0:#b3401f;--c1:#1f5fb3;--c2:#2f6f4f;--c3:#a87b12;--c4:#7a4a9e;--c5:#15828a;--c6:#b8487f;--c7:#726d64`
const dark = `--paper:#161513;--raised:#1e1d1a;--line:#33302b;--thread:#413d36;--ink:#ece8df;--ink-2:#b3ada1;--ink-3:#9a9488;
--accent:#ef8a63;--soft:#3a241b;--code:#1b1a17;
--c0:#ef8a63;--c1:#7fb2f0;--c2:#7cc39c;--c3:#dcb455;--c4:#c29ae6;--c5:#63c7cf;--c6:#ef8fbd;--c7:#9a9488`

const colours = Array.from({ length: 8 }, (_, i) => `.c${i}{--c:var(--c${i})}`).join('')

export const style = `:root{color-scheme:light dark;${light}}
@media(prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.6 system-ui,-apple-system,"Segoe UI","PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:900px;margin:0 auto;padding:40px 24px 56px}
header{padding-left:44px;margin-bottom:34px}
h1{font-size:27px;line-height:1.25;margin:0 0 2px;font-weight:650;overflow-wrap:anywhere}
h1+p{margin:0;color:var(--ink-2)}
h2{font-size:15px;line-height:1.5;margin:0 0 10px;font-weight:650}
h3{font-size:13px;margin:0 0 4px;font-weight:600;color:var(--ink-2)}
[lang=zh]{font-weight:400;color:var(--ink-3);margin-left:.4em}
dl.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:14px 18px;margin:22px 0 0}
dl.figures div{min-width:0}
dt{font-size:12px;color:var(--ink-3);line-height:1.4}
dd{margin:0;font-size:17px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
dd small{font-size:12.5px;color:var(--ink-2)}
.line{position:relative}
.line::before{content:"";position:absolute;left:14px;top:8px;bottom:20px;width:1.5px;background:var(--thread)}
section{position:relative;padding-left:44px;margin:0 0 38px}
section::before{content:"";position:absolute;left:9.5px;top:6px;width:10px;height:10px;border-radius:50%;border:1.75px solid var(--ink-3);background:var(--paper)}
section.done::before{background:var(--accent);border-color:var(--accent)}
section.live::before{background:var(--accent);border-color:var(--accent);box-shadow:0 0 0 4px var(--soft)}
section>p{margin:0 0 10px;color:var(--ink-2)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--ink-3);font-weight:500;font-size:12.5px;white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:0;padding-left:12px}
tr.sum td{font-weight:600;border-bottom:0}
td.from{overflow-wrap:anywhere;min-width:180px}
td.step{padding-right:18px;width:1%}
td.said{white-space:pre-wrap;overflow-wrap:anywhere}
td.said b{font-weight:400;color:var(--ink-3)}
details{margin-top:10px}summary{cursor:pointer;color:var(--ink-2);font-size:13.5px}
code{font:12.5px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono CJK SC",monospace;background:var(--code);border:1px solid var(--line);border-radius:5px;padding:1px 5px;overflow-wrap:anywhere}
figure{margin:0 0 26px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:0 26px}
.chart{display:block;width:100%;height:auto;overflow:visible}
.axis line{stroke:var(--line)}.axis text{font-size:11px;fill:var(--ink-3);font-variant-numeric:tabular-nums}.axis .second{opacity:.8}
${colours}
path{fill:none;stroke:var(--c);stroke-linejoin:round}path.curve{stroke-width:1.75}path.dashed{stroke-dasharray:5 3}path.faint{stroke-width:1;opacity:.32}
circle{fill:var(--c)}
.strip rect{fill:transparent}.strip line{stroke:var(--ink-3);stroke-dasharray:2 3;opacity:0}.strip circle{opacity:0;stroke:var(--paper);stroke-width:1.5}
.strip:hover line,.strip:hover circle{opacity:1}
ul.key{list-style:none;margin:8px 0 0;padding:0 0 0 52px;display:flex;flex-wrap:wrap;gap:2px 18px;font-size:12.5px;color:var(--ink-2)}
ul.key li::before{content:"";display:inline-block;width:9px;height:9px;border-radius:50%;background:var(--c);margin-right:6px}
ul.key li.dashed::before{background:none;border:2px dotted var(--c)}
ul.key b{font-weight:500;color:var(--ink);font-variant-numeric:tabular-nums;margin-left:3px}
.none{color:var(--ink-3)}
.doubt{font-size:13px;color:var(--ink-2)}
footer{padding-left:44px;font-size:12.5px;color:var(--ink-3);overflow-wrap:anywhere}
@media(max-width:600px){.wide,figure{overflow-x:auto}.chart.big{min-width:560px}dl.figures{grid-template-columns:1fr 1fr}main{padding:24px 14px}header,section,footer{padding-left:32px}.line::before{left:8px}section::before{left:3.5px}.pair{grid-template-columns:1fr}}
@media print{.strip{display:none}figure,tr{break-inside:avoid}}`
