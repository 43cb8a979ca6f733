"""How an exported page looks, in light and in dark."""

STYLE = """
:root{--ink:#1d2129;--soft:#667;--paper:#fff;--box:#f4f5f8;--line:#dde;--good:#2a8a57;--bad:#c22f3d;--ask:#b36b00;
--bar:#5b7bd5}
@media(prefers-color-scheme:dark){:root{--ink:#dfe3ec;--soft:#8b93a7;--paper:#14171e;--box:#1d222c;--line:#2c3340;
--good:#5cc28d;--bad:#f0727f;--ask:#e8a948;--bar:#7f9df0}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1100px;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.6rem;margin:0 0 1rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2.5rem 0 .6rem}
h3{font-size:.95rem;margin:1.1rem 0 .3rem;color:var(--soft)}
h4{font-size:.8rem;margin:.8rem 0 .2rem;color:var(--soft);font-weight:600}
.facts{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0}
.facts dt{font-size:.75rem;color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
.note,i{color:var(--soft);font-style:normal;font-size:.85rem}
.question,.error{padding:.6rem .9rem;border-left:4px solid var(--ask);background:var(--box);overflow-wrap:anywhere}
.error{border-color:var(--bad)}
details.row{border-bottom:1px solid var(--line)}
details.row>summary{display:grid;grid-template-columns:minmax(12rem,2fr) 3fr 5.5rem;gap:1rem;align-items:center;
padding:.25rem 0;cursor:pointer;list-style:none}
details.row .name{padding-left:calc(var(--depth)*1.3rem);overflow-wrap:anywhere}
.ok .name{color:var(--ink)}.error>summary .name{color:var(--bad)}.interrupted>summary .name{color:var(--ask)}
details.row.error{padding:0;background:none;border-left:0}
.track{position:relative;height:.7rem;background:var(--box);border-radius:3px}
.bar{position:absolute;top:0;bottom:0;background:var(--bar);border-radius:3px}
.error>summary .bar{background:var(--bad)}.interrupted>summary .bar{background:var(--ask)}
.time{text-align:right;font-variant-numeric:tabular-nums;color:var(--soft)}
details.state{border-bottom:1px solid var(--line);padding:.3rem 0}summary{cursor:pointer}
.value{margin:.4rem 0 .4rem 1.2rem}.value b{font-size:.8rem;color:var(--soft)}
pre{margin:.15rem 0;padding:.5rem .7rem;background:var(--box);border-radius:4px;white-space:pre-wrap;
overflow-wrap:anywhere;font:13px/1.45 ui-monospace,monospace;max-height:32rem;overflow:auto}
.message{margin:.7rem 0;padding:.2rem .9rem .6rem;border-left:4px solid var(--line)}
.message.human{border-color:var(--bar)}.message.ai{border-color:var(--good)}.message.tool{border-color:var(--ask)}
table{width:100%;border-collapse:collapse;table-layout:fixed}th{text-align:left;font-size:.8rem;color:var(--soft)}
td,th{padding:.3rem .5rem .3rem 0;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th:nth-child(1){width:18%}th:nth-child(4){width:5rem}tr.error td:first-child{color:var(--bad)}
@media print{details>summary{list-style:none}pre{max-height:none}}
"""
