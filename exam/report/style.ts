/** The look of Dotline's reports: paper and ink, one vermilion accent, the line of dots. Light or dark as the reader's system is. */

const light = `--paper:#fbfaf7;--line:#e4e0d8;--thread:#d5cfc4;--ink:#1d1c1a;--ink-2:#5c5850;--ink-3:#6f6a61;
--accent:#b3401f;--soft:#f6e4dc;--c0:#b3401f;--c1:#1f5fb3`
const dark = `--paper:#161513;--line:#33302b;--thread:#413d36;--ink:#ece8df;--ink-2:#b3ada1;--ink-3:#9a9488;
--accent:#ef8a63;--soft:#3a241b;--c0:#ef8a63;--c1:#7fb2f0`

export const style = `:root{color-scheme:light dark;${light}}
@media(prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.6 system-ui,-apple-system,"Segoe UI","PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:900px;margin:0 auto;padding:40px 24px 56px}
header{padding-left:44px;margin-bottom:34px}
h1{font-size:27px;line-height:1.25;margin:0 0 2px;font-weight:650;overflow-wrap:anywhere}
h1+p{margin:0;color:var(--ink-2);overflow-wrap:anywhere}
h2{font-size:15px;line-height:1.5;margin:0 0 10px;font-weight:650}
[lang=zh]{font-weight:400;color:var(--ink-3);margin-left:.4em}
.line{position:relative}
.line::before{content:"";position:absolute;left:14px;top:8px;bottom:20px;width:1.5px;background:var(--thread)}
section{position:relative;padding-left:44px;margin:0 0 38px}
section::before{content:"";position:absolute;left:9.5px;top:6px;width:10px;height:10px;border-radius:50%;background:var(--accent)}
section>p{margin:0 0 10px;color:var(--ink-2)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px;margin:0 0 8px}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--ink-3);font-weight:500;font-size:12.5px;white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:0;padding-left:12px}
tr.main td{font-weight:600}
td.said{white-space:pre-wrap;overflow-wrap:anywhere;max-width:340px}
td.said.long{font-size:12.5px}
.mark{color:var(--accent)}
details{margin-top:10px}summary{cursor:pointer;color:var(--ink-2);font-size:13.5px}
figure{margin:0 0 12px}
.chart{display:block;width:100%;height:auto;overflow:visible;min-width:520px}
.chart text{font-size:12px;fill:var(--ink-2)}.chart .axis text{font-size:11px;fill:var(--ink-3)}
.chart .axis line{stroke:var(--line)}.chart .chance{stroke:var(--ink-3);stroke-width:2;stroke-dasharray:3 2}
.c0{--c:var(--c0)}.c1{--c:var(--c1)}
.span{stroke:var(--c);stroke-width:2}.dot{fill:var(--c)}.seed{fill:none;stroke:var(--c);opacity:.6}
ul.key{list-style:none;margin:4px 0 12px;padding:0;display:flex;flex-wrap:wrap;gap:2px 18px;font-size:12.5px;color:var(--ink-2)}
ul.key li::before{content:"";display:inline-block;width:9px;height:9px;border-radius:50%;background:var(--c);margin-right:6px}
ul.key li.rule::before{border-radius:0;width:2px;height:12px;background:var(--ink-3);vertical-align:-2px}
footer{padding-left:44px;font-size:12.5px;color:var(--ink-3);overflow-wrap:anywhere}
@media(max-width:600px){figure{overflow-x:auto}main{padding:24px 14px}header,section,footer{padding-left:32px}.line::before{left:8px}section::before{left:3.5px}}
@media print{figure,tr{break-inside:avoid}}`
