/** The style of the page that shows an API. */

export const style = `
:root {
  color-scheme: light dark;
  --bg: light-dark(#fbfbfa, #16181b);
  --panel: light-dark(#ffffff, #1d2024);
  --line: light-dark(#e4e4e1, #30343a);
  --text: light-dark(#22252a, #e3e5e8);
  --quiet: light-dark(#6a6f78, #989ea8);
  --accent: light-dark(#3355c4, #8ba6ff);
  --code: light-dark(#f3f3f1, #121416);
  --get: light-dark(#1c7a4a, #5fcf95);
  --post: light-dark(#3355c4, #8ba6ff);
  --put: light-dark(#9a6200, #e6b455);
  --patch: light-dark(#9a6200, #e6b455);
  --delete: light-dark(#b3372f, #f0877f);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 15px/1.55 system-ui, sans-serif; }
a { color: inherit; text-decoration: none; }
h1 { margin: 0; font-size: 27px; letter-spacing: -0.015em; line-height: 1.25; }
h2 { margin: 32px 0 10px; font-size: 12px; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase; color: var(--quiet); }
p { margin: 10px 0; max-width: 68ch; white-space: pre-line; }
code, pre, textarea, .mono { font-family: var(--mono); font-size: 13px; }
code { background: var(--code); border-radius: 4px; padding: 1px 5px; }
pre { margin: 0; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }

.shell { display: grid; grid-template-columns: 300px minmax(0, 1fr); min-height: 100vh; }
nav { border-right: 1px solid var(--line); background: var(--panel); height: 100vh; position: sticky; top: 0; display: flex; flex-direction: column; }
nav header { padding: 20px 18px 12px; }
nav header a { font-weight: 650; font-size: 16px; }
nav header small { color: var(--quiet); margin-left: 6px; }
nav .list { overflow-y: auto; padding: 0 10px 24px; flex: 1; }
nav h3 { margin: 18px 8px 4px; font-size: 12px; font-weight: 600; color: var(--quiet); }
nav .item { display: flex; gap: 8px; align-items: baseline; padding: 4px 8px; border-radius: 6px; }
nav .item:hover { background: var(--code); }
nav .item[aria-current] { background: var(--code); box-shadow: inset 2px 0 var(--accent); }
nav .item span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
nav .item.old span:last-child { text-decoration: line-through; color: var(--quiet); }
.verb { font: 600 11px/1 var(--mono); min-width: 46px; text-transform: uppercase; color: var(--quiet); }
.verb.get { color: var(--get); } .verb.post { color: var(--post); } .verb.put { color: var(--put); }
.verb.patch { color: var(--patch); } .verb.delete { color: var(--delete); }

main { padding: 40px 44px 80px; max-width: 1320px; width: 100%; }
.route { display: flex; gap: 12px; align-items: baseline; margin: 8px 0 0; font-size: 15px; overflow-wrap: anywhere; }
.route .verb { font-size: 14px; min-width: 0; }
.route i { font-style: normal; color: var(--accent); }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 480px); gap: 44px; align-items: start; }
.note { color: var(--quiet); }
.badge { border: 1px solid var(--line); border-radius: 99px; padding: 1px 9px; font-size: 12px; color: var(--quiet); margin-left: 10px; vertical-align: middle; letter-spacing: 0; font-weight: 400; text-transform: none; }
.fields { border-top: 1px solid var(--line); }
.field { border-bottom: 1px solid var(--line); padding: 8px 0; }
.field b { font: 600 13px var(--mono); }
.field .type { color: var(--quiet); font: 13px var(--mono); margin-left: 8px; }
.field .must { color: var(--delete); font-size: 12px; margin-left: 8px; }
.field p { margin: 2px 0 0; }
.schema { background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; }
.schema .k { color: var(--text); } .schema .t { color: var(--accent); } .schema .n { color: var(--quiet); }
details, .said { border-bottom: 1px solid var(--line); padding: 8px 0; }
h2 + details, h2 + .said { border-top: 1px solid var(--line); }
.said { padding-left: 16px; }
summary { cursor: pointer; list-style-position: outside; margin-left: 16px; }
details > .schema { margin: 8px 0 4px 16px; }
.status { font: 600 13px var(--mono); margin-right: 10px; }
.s2 { color: var(--get); } .s3 { color: var(--post); } .s4 { color: var(--put); } .s5 { color: var(--delete); }

.try { border: 1px solid var(--line); border-radius: 12px; background: var(--panel); position: sticky; top: 24px; overflow: hidden; }
.try form { padding: 16px 18px 18px; display: grid; gap: 12px; }
.try label { display: grid; gap: 4px; font-size: 13px; }
.try label span { font-family: var(--mono); }
.try label em { font-style: normal; color: var(--delete); }
input, select, textarea { width: 100%; border: 1px solid var(--line); border-radius: 7px; background: var(--bg); color: inherit; padding: 7px 10px; font: 13px var(--mono); }
textarea { min-height: 148px; resize: vertical; line-height: 1.5; }
.key { max-width: 480px; }
nav input { font-family: inherit; margin-top: 12px; }
button { border: 0; border-radius: 7px; padding: 8px 16px; font: 600 14px system-ui, sans-serif; cursor: pointer; background: var(--accent); color: light-dark(#ffffff, #10131a); }
button.plain { background: none; color: var(--quiet); border: 1px solid var(--line); font-weight: 500; }
button[disabled] { opacity: 0.5; cursor: default; }
.row { display: flex; gap: 10px; align-items: center; }
.answer { border-top: 1px solid var(--line); padding: 14px 18px 18px; background: var(--code); }
.answer .head { display: flex; gap: 12px; align-items: baseline; }
.answer pre { margin-top: 10px; max-height: 46vh; overflow-y: auto; }
.answer details { border: 0; padding: 6px 0 0; color: var(--quiet); }
.failed { color: var(--delete); }

@media (max-width: 1120px) { .columns { grid-template-columns: minmax(0, 1fr); } .try { position: static; } }
@media (max-width: 760px) {
  .shell { grid-template-columns: minmax(0, 1fr); }
  nav { position: static; height: auto; max-height: 45vh; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 28px 20px 60px; }
}
`;
