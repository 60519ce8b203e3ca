// How report.html looks: light and dark by the reader's preference, always light on paper.
#pragma once

#include <string_view>

namespace qeval::html {

inline constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--bg:#fbfaf8;--fg:#1d1f21;--dim:#62666d;--rule:#dedbd5;--card:#fff;--ink:#23527c;
  --good:#187746;--bad:#b3261e;--ref:#8a5a00;--row:#f4f1ea}
@media (prefers-color-scheme:dark){:root{--bg:#16181b;--fg:#e6e4e0;--dim:#9aa0a8;--rule:#33373d;--card:#1d2024;
  --ink:#7fb4e6;--good:#5fcf96;--bad:#ff8a80;--ref:#e0b050;--row:#262a30}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:78rem;padding:2rem 1.25rem 4rem;background:var(--bg);color:var(--fg);
  font:15px/1.5 system-ui,"Segoe UI",sans-serif}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2.5rem 0 .5rem}p{max-width:60rem;margin:.5rem 0}
h3{font-size:1rem;margin:1rem 0 .4rem}h1,h2,h3,p,summary,li{overflow-wrap:anywhere}
.dim{color:var(--dim)}a{color:var(--ink)}nav{margin-top:.75rem}nav a{margin-right:1.1rem;white-space:nowrap}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
.scroll{overflow:auto;max-height:85vh;border:1px solid var(--rule);border-radius:6px;background:var(--card)}
table{border-collapse:separate;border-spacing:0;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.28rem .6rem;border-bottom:1px solid var(--rule);text-align:right;white-space:nowrap;vertical-align:top}
thead th{font-weight:600;color:var(--dim);background:var(--card);position:sticky;top:0;z-index:1;white-space:normal;
  vertical-align:bottom;min-width:4.5rem}
tbody th{font-weight:400;color:inherit;background:var(--card);position:sticky;left:0}
thead th:first-child{left:0;z-index:2}
th:first-child{text-align:left;max-width:17rem;white-space:normal;overflow-wrap:anywhere}
thead th:first-child{min-width:12rem}
td.words,th.words{text-align:left;white-space:normal;min-width:16rem}
tbody tr:last-child>*{border-bottom:0}tr.reference>*{font-weight:600;color:var(--ref)}tr:target>*{background:var(--row)}
tr{scroll-margin-top:5rem}
.no{display:inline-block;min-width:1.9em;color:var(--dim);font-weight:400}.err{color:var(--dim);font-weight:400}
.mark{display:inline-block;width:1.1em;text-align:center}.good{color:var(--good)}.bad{color:var(--bad)}
figure{margin:0}svg{width:100%;min-width:44rem;height:auto;display:block}
svg text{font:12px system-ui,"Segoe UI",sans-serif;fill:var(--dim)}
svg .name{fill:var(--fg);paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
svg .name.reference{fill:var(--ref);font-weight:600}
svg .mid{text-anchor:middle}svg .end{text-anchor:end}
svg .grid{stroke:var(--rule)}svg .bar{stroke:var(--ink);stroke-width:1.5;opacity:.45}
svg .leader{stroke:var(--dim);stroke-width:.75;opacity:.7}
svg .front{fill:none;stroke:var(--good);stroke-width:1.5;stroke-dasharray:5 4}
svg .dot{fill:var(--card);stroke:var(--ink);stroke-width:1.5}svg .dot.best{fill:var(--ink)}
svg .dot.reference{fill:var(--ref);stroke:var(--ref)}
svg .dot.failed{fill:var(--card);stroke:var(--bad);stroke-dasharray:2.5 2}.failed{color:var(--bad)}
svg .box{fill:var(--ink);opacity:.35}svg .tick{stroke:var(--fg);stroke-width:2}svg .whisker{stroke:var(--ink)}
svg .heat{fill:var(--ink)}svg .frame{fill:none;stroke:var(--rule)}
svg a{cursor:pointer;text-decoration:none}svg a:focus-visible{outline:none}
svg a:focus-visible .dot,svg a:hover .dot{stroke:var(--fg);stroke-width:4}
svg a:focus-visible .name,svg a:hover .name{fill:var(--ink);text-decoration:underline}
details{margin:.6rem 0}summary{cursor:pointer}summary:hover{color:var(--ink)}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.15rem 1rem;overflow-wrap:anywhere}
dt{color:var(--dim);max-width:16rem}dd{margin:0}
@media (max-width:40rem){body{padding:1rem .75rem 3rem;font-size:14px}dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:.5rem}th:first-child{max-width:9rem}thead th:first-child{min-width:9rem}}
@page{size:A4 landscape;margin:12mm}
@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--dim:#444;--rule:#bbb;--card:#fff;--ink:#23527c;
  --good:#187746;--bad:#b3261e;--ref:#8a5a00;--row:#fff}
body{max-width:none;padding:0;font-size:9pt}.scroll{overflow:visible;max-height:none;border:0}svg{min-width:0}
th,td{padding:.1rem .3rem}thead th{position:static;min-width:0}tbody th{position:static}
table{font-size:7pt}th:first-child{max-width:9rem}td.words,th.words{min-width:8rem}nav,.more{display:none}
h2{break-after:avoid}figure,tr{break-inside:avoid}
details:not(.more)::details-content{content-visibility:visible;height:auto}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";

} // namespace qeval::html
